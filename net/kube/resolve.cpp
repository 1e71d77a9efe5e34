// SPDX-License-Identifier: Apache-2.0
#include "net/kube/resolve.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <netdb.h>

#include <cstring>
#include <thread>

namespace troupe::kube {

namespace asio = boost::asio;
using endpoints = std::vector<asio::ip::tcp::endpoint>;

namespace {

std::pair<endpoints, std::string> look_up(const std::string& host, uint16_t port) {
  addrinfo hints{}, *first = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (int code = getaddrinfo(host.c_str(), nullptr, &hints, &first); code != 0)
    return {{}, gai_strerror(code)};
  endpoints found;
  for (auto* info = first; info; info = info->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (info->ai_addrlen > endpoint.capacity())
      continue;
    std::memcpy(endpoint.data(), info->ai_addr, info->ai_addrlen);
    endpoint.resize(info->ai_addrlen);
    endpoint.port(port);
    found.push_back(endpoint);
  }
  freeaddrinfo(first);
  return {std::move(found), {}};
}

} // namespace

void resolve(std::shared_ptr<asio::io_context> io, const std::string& host, uint16_t port,
             std::function<void(endpoints, std::string)> done) {
  boost::system::error_code error;
  if (auto address = asio::ip::make_address(host, error); !error) {
    asio::post(*io,
               [done = std::move(done), endpoint = asio::ip::tcp::endpoint{address, port}] { done({endpoint}, {}); });
    return;
  }
  std::thread([io = std::move(io), host, port, done = std::move(done)]() mutable {
    auto [found, text] = look_up(host, port);
    // If the client is gone meanwhile, nobody runs this and it is destroyed with `io`, here.
    asio::post(*io, [done = std::move(done), found = std::move(found), text = std::move(text)]() mutable {
      done(std::move(found), std::move(text));
    });
  }).detach();
}

} // namespace troupe::kube
