// SPDX-License-Identifier: Apache-2.0
#include "net/kube/tunnel.hpp"

#include "net/kube/check.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <openssl/evp.h>

#include <memory>

#include <fmt/format.h>

namespace troupe::kube {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using kind = exchange_error::kind;

constexpr uint32_t max_proxy_head_octets = 16 * 1024;

/// CONNECT and its answer.
class connect_exchange : public std::enable_shared_from_this<connect_exchange> {
public:
  connect_exchange(beast::tcp_stream& stream, const proxy& through, const tunnel_end& end, tunnel_done done)
    : stream_(stream), through_(through), done_(std::move(done)) {
    const auto target = host_and_port(end.host, end.port);
    out_.method(http::verb::connect);
    out_.target(target);
    out_.version(11);
    out_.set(http::field::host, target);
    out_.set(http::field::user_agent, end.user_agent);
    if (through.credentials)
      out_.set(http::field::proxy_authorization, proxy_authorization(through));
  }

  void start() {
    http::async_write(stream_, out_, [self = shared_from_this()](error_code error, size_t) {
      error ? self->end(proxy_broke("cannot send", error)) : self->read();
    });
  }

private:
  void read() {
    in_.skip(true); // whatever its fields say of a body, what follows is the server's (RFC 9112 section 6.3)
    in_.header_limit(max_proxy_head_octets);
    http::async_read_header(stream_, buffer_, in_, [self = shared_from_this()](error_code error, size_t) {
      if (error)
        return self->end(proxy_broke("no answer to CONNECT", error));
      auto& head = self->in_.get();
      if (head.result_int() / 100 != 2)
        return self->end(refusal(self->through_, static_cast<int>(head.result_int()), head.reason()));
      if (self->buffer_.size() > 0) // a TLS server does not speak first
        return self->end({kind::handshake, "the proxy: more came with its answer to CONNECT than that"});
      self->done_(nullptr);
    });
  }

  void end(const exchange_error& trouble) { done_(&trouble); }

  beast::tcp_stream& stream_;
  const proxy through_;
  const tunnel_done done_;
  http::request<http::empty_body> out_;
  http::response_parser<http::empty_body> in_;
  beast::flat_buffer buffer_{max_proxy_head_octets};
};

} // namespace

void open_tunnel(beast::tcp_stream& stream, const proxy& through, const tunnel_end& end, tunnel_done done) {
  if (through.speaks == proxy::protocol::socks5)
    return open_socks_tunnel(stream, through, end, std::move(done));
  std::make_shared<connect_exchange>(stream, through, end, std::move(done))->start();
}

exchange_error proxy_broke(const char* doing, error_code error) {
  if (error == beast::error::timeout)
    return {kind::refused, fmt::format("the proxy: {}: nothing heard in time", doing)};
  const bool closed = error == http::error::end_of_stream || error == http::error::partial_message ||
                      error == asio::error::eof || error == asio::error::connection_reset ||
                      error == asio::error::broken_pipe;
  return {closed ? kind::refused : kind::handshake,
          fmt::format("the proxy: {}: {}", doing, closed ? "it closed the connection" : error.message())};
}

std::string proxy_authorization(const proxy& through) {
  if (!through.credentials)
    return {};
  const auto& plain = *through.credentials;
  std::string out(4 * ((plain.size() + 2) / 3) + 1, '\0'); // and the NUL that is written behind
  out.resize(static_cast<size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                 reinterpret_cast<const unsigned char*>(plain.data()),
                                                 static_cast<int>(plain.size()))));
  return "Basic " + out;
}

exchange_error refusal(const proxy& through, int status, std::string_view reason) {
  const char* hint = status != 407         ? ""
                     : through.credentials ? "; it does not take the user and password that it was given"
                                           : "; it wants USER:PASSWORD@ in front of its host";
  // Of 5xx it is the server behind that could not be reached, most often.
  return {status >= 500 ? kind::refused : kind::handshake,
          fmt::format("the proxy refuses: HTTP {} {}{}", status, quote(reason), hint)};
}

} // namespace troupe::kube
