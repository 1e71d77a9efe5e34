// SPDX-License-Identifier: Apache-2.0
#include "actors/http/http_server.hpp"

#include "actors/http/listen.hpp"
#include "actors/http/page_loop.hpp"

#include <sys/socket.h>
#include <thread>

namespace troupe {

namespace {

/// The kernel's memory for each connection is bounded, too; it takes twice that.
constexpr int sent_octets = 64 * 1024, received_octets = 16 * 1024;

net::descriptor with_buffers(int fd) {
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sent_octets, sizeof sent_octets);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &received_octets, sizeof received_octets);
  return net::descriptor{fd};
}

} // namespace

class http_server::impl {
public:
  impl(int fd, const std::string& address, http_routes routes, http_hosts hosts, const http_limits& limits)
    : port_(local_port(fd)),
      loop_(with_buffers(fd), request_answers{std::move(routes), hosts, address.substr(0, address.rfind(':'))}, limits),
      thread_([this] { loop_.run(); }) {}

  ~impl() { stop(); }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  void stop() noexcept {
    loop_.end();
    if (thread_.joinable())
      thread_.join();
  }

  uint16_t port() const noexcept { return port_; }

private:
  const uint16_t port_;
  page_loop loop_;
  std::thread thread_;
};

http_server::http_server(std::unique_ptr<impl> impl) : impl_(std::move(impl)) {}

http_server::started http_server::start(const std::string& address, http_routes routes, http_hosts hosts,
                                        const http_limits& limits) {
  // Pages for everybody are shared, as CoreDNS's are: a second server on one host starts. Those of one process are not.
  auto listening = listen_tcp(address, hosts == http_hosts::any);
  if (auto* why = std::get_if<std::string>(&listening))
    return listen_error{address, std::move(*why)};
  try {
    auto running = std::make_unique<impl>(std::get<int>(listening), address, std::move(routes), hosts, limits);
    return std::unique_ptr<http_server>{new http_server(std::move(running))};
  } catch (const std::exception& e) { // no thread to be had
    return listen_error{address, e.what()};
  }
}

http_server::~http_server() {
  stop();
}

void http_server::stop() noexcept {
  impl_->stop();
}

uint16_t http_server::port() const noexcept {
  return impl_->port();
}

} // namespace troupe
