// SPDX-License-Identifier: Apache-2.0
#include "net/kube/connection.hpp"

#include "net/kube/resolve.hpp"
#include "net/kube/tunnel.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <netinet/tcp.h>

#include <charconv>

#include <fmt/format.h>

namespace troupe::kube {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using kind = exchange_error::kind;

constexpr size_t piece_octets = 64 * 1024;
constexpr uint32_t max_head_octets = 64 * 1024;
constexpr int keepalive_idle_s = 10, keepalive_interval_s = 5, keepalive_count = 3;
constexpr unsigned user_timeout_ms = 30'000; ///< unacknowledged octets for so long: the peer is gone (tcp(7))
constexpr int max_retry_after_s = 86'400;

void set_option(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof value); // best effort: without it only detection is slower
}

/// A half-open connection is found by the kernel even while nobody writes (client-go #374).
void watch_peer(int fd) {
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_s);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_s);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, keepalive_count);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(user_timeout_ms));
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

/// The kernel's verdict after watch_peer()'s limits; the last ICMP error, where there was one, instead of a time-out.
bool gave_up(error_code error) {
  return error == asio::error::timed_out || error == asio::error::host_unreachable ||
         error == asio::error::network_unreachable;
}

/// Seconds only: the date form (RFC 9110 section 10.2.3) would trust the server's clock, API servers do not send it.
std::chrono::milliseconds parse_retry_after(std::string_view text) {
  int seconds = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 0 || seconds > max_retry_after_s)
    return {};
  return std::chrono::seconds{seconds};
}

std::string text_of(std::time_t time) {
  char text[32];
  std::tm utc{};
  gmtime_r(&time, &utc);
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

/// "valid from … to …, ": expired and not yet valid may be our clock, so a message needs all three times.
std::string validity_of(const X509* certificate) {
  std::tm from{}, to{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notBefore(certificate), &from) != 1 ||
      ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &to) != 1)
    return {};
  return fmt::format("valid from {} to {}, ", text_of(timegm(&from)), text_of(timegm(&to)));
}

std::string host_header(const api_server& server) {
  return host_and_port(server.host, server.port);
}

/// Who a message is about: the server, and who stands before it.
std::string way_to(const api_server& server) {
  return host_header(server) + (server.through ? " through " + server.through->to_text() : "");
}

template <class Stream>
constexpr bool is_tls = !std::is_same_v<Stream, beast::tcp_stream>;

template <class Stream>
class basic_connection : public connection, public std::enable_shared_from_this<basic_connection<Stream>> {
public:
  template <class... Tls>
  basic_connection(const std::shared_ptr<asio::io_context>& io, const api_server& server, const api_timings& timings,
                   std::shared_ptr<asio::ssl::context> context, Tls&... tls)
    : io_(io), server_(server), timings_(timings), context_(std::move(context)), stream_(*io, tls...), deadline_(*io) {}

  void get(request wanted, connection_events& events) override {
    wanted_ = std::move(wanted);
    events_ = &events;
    ++request_id_; // what an older deadline has to say is of no interest
    if (wanted_.deadline.count() > 0) {
      deadline_.expires_after(wanted_.deadline);
      deadline_.async_wait([self = self(), id = request_id_](error_code error) {
        if (!error && self->events_ && id == self->request_id_)
          self->fail(kind::deadline, "no end in time");
      });
    }
    open_ ? write() : look_up();
  }

  void resume() override { read_body(); }

  void close() override {
    events_ = nullptr;
    deadline_.cancel();
    error_code ignored;
    lowest().socket().close(ignored);
    lowest().cancel();
  }

private:
  using clock = std::chrono::steady_clock;

  std::shared_ptr<basic_connection> self() { return this->shared_from_this(); }
  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  void fail(kind cause, const std::string& text) {
    auto* events = events_;
    close();
    if (!events)
      return;
    const exchange_error error{cause, fmt::format("{}: {}", way_to(server_), text)};
    events->on_end(&error, false);
  }

  void fail(kind cause, const char* doing, error_code error) {
    if (cause == kind::lost && gave_up(error))
      cause = kind::dead;
    if (error == beast::error::timeout)
      fail(cause == kind::lost ? kind::silent : cause, fmt::format("{}: nothing heard in time", doing));
    else
      fail(cause, fmt::format("{}: {}", doing, error.message()));
  }

  void look_up() {
    auto io = io_.lock();
    if (!io)
      return;
    const auto& first = server_.through;
    resolve(io, first ? first->host : server_.host, first ? first->port : server_.port,
            [self = self()](auto endpoints, const std::string& error) {
              if (!self->events_)
                return;
              if (endpoints.empty())
                return self->fail(kind::refused, "no address: " + error);
              self->connect(std::move(endpoints));
            });
  }

  void connect(std::vector<asio::ip::tcp::endpoint> endpoints) {
    endpoints_ = std::move(endpoints);
    lowest().expires_after(timings_.connect);
    lowest().async_connect(endpoints_, [self = self()](error_code error, const asio::ip::tcp::endpoint&) {
      if (!self->events_)
        return;
      if (error)
        return self->fail(kind::refused, "cannot connect", error);
      watch_peer(self->lowest().socket().native_handle());
      self->server_.through && !self->asks_proxy() ? self->dig() : self->connected();
    });
  }

  /// An HTTP proxy is asked itself for what an http server has (RFC 9112 section 3.2.2).
  bool asks_proxy() const {
    return !is_tls<Stream> && server_.through && server_.through->speaks == proxy::protocol::http;
  }

  void dig() {
    open_tunnel(lowest(), *server_.through, {server_.host, server_.port, wanted_.user_agent},
                [self = self()](const exchange_error* trouble) {
                  if (!self->events_)
                    return;
                  trouble ? self->fail(trouble->cause, trouble->text) : self->connected();
                });
  }

  void connected() {
    if constexpr (is_tls<Stream>)
      handshake();
    else
      opened();
  }

  void handshake() {
    if constexpr (is_tls<Stream>) {
      const std::string& name = server_.server_name.empty() ? server_.host : server_.server_name;
      if (!expect_name(stream_.native_handle(), name))
        return fail(kind::handshake, "'" + name + "' cannot be verified");
      if (!server_.insecure)
        stream_.set_verify_callback([this](bool good, asio::ssl::verify_context& context) {
          if (!good)
            validity_ = validity_of(X509_STORE_CTX_get_current_cert(context.native_handle()));
          return good;
        });
      stream_.async_handshake(asio::ssl::stream_base::client, [self = self()](error_code error) {
        if (!self->events_)
          return;
        error ? self->fail(kind::handshake, self->handshake_text(error)) : self->opened();
      });
    }
  }

  /// SNI carries names only (RFC 6066 section 3); the certificate must carry the name or the address (RFC 9525).
  bool expect_name(SSL* ssl, const std::string& name) {
    error_code not_an_address;
    asio::ip::make_address(name, not_an_address);
    if (not_an_address && SSL_set_tlsext_host_name(ssl, name.c_str()) != 1)
      return false;
    if (server_.insecure)
      return true;
    return not_an_address ? SSL_set1_host(ssl, name.c_str()) == 1
                          : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1;
  }

  std::string handshake_text(error_code error) {
    if constexpr (is_tls<Stream>)
      if (long verdict = SSL_get_verify_result(stream_.native_handle()); verdict != X509_V_OK) {
        return fmt::format("TLS: the server's certificate: {} ({}it is {} here)",
                           X509_verify_cert_error_string(verdict), validity_, text_of(std::time(nullptr)));
      }
    return fmt::format("TLS: {}", error.message());
  }

  void opened() {
    open_ = true;
    error_code ignored; // without it only one record is read at a time
    lowest().socket().non_blocking(true, ignored);
    write();
  }

  void write() {
    out_ = {};
    out_.method(http::verb::get);
    out_.target((asks_proxy() ? "http://" + host_header(server_) : "") + server_.path + wanted_.target);
    out_.version(11);
    out_.set(http::field::host, host_header(server_));
    out_.set(http::field::user_agent, wanted_.user_agent);
    out_.set(http::field::accept, wanted_.accept);
    if (!wanted_.token.empty())
      out_.set(http::field::authorization, "Bearer " + wanted_.token);
    if (asks_proxy() && server_.through->credentials)
      out_.set(http::field::proxy_authorization, proxy_authorization(*server_.through));
    lowest().expires_after(timings_.connect);
    http::async_write(stream_, out_, [self = self()](error_code error, size_t) {
      if (!self->events_)
        return;
      error ? self->fail(kind::lost, "cannot send", error) : self->read_head();
    });
  }

  void read_head() {
    in_.emplace();
    in_->body_limit(boost::none);
    in_->header_limit(max_head_octets);
    lowest().expires_after(timings_.list_idle);
    http::async_read_header(stream_, buffer_, *in_, [self = self()](error_code error, size_t) {
      if (!self->events_)
        return;
      if (error)
        return self->fail(kind::lost, "no answer", error);
      auto& head = self->in_->get();
      if (head.result() == http::status::proxy_authentication_required && self->asks_proxy()) {
        const auto refused = refusal(*self->server_.through, static_cast<int>(head.result_int()), head.reason());
        return self->fail(refused.cause, refused.text);
      }
      self->events_->on_head(head.result_int(), parse_retry_after(head[http::field::retry_after]),
                             head[http::field::content_type]);
      if (self->events_)
        self->read_body();
    });
  }

  void read_body() {
    if (in_->is_done())
      return finished();
    in_->get().body() = {piece_.data(), piece_.size(), true};
    lowest().expires_after(wanted_.idle);
    http::async_read_some(stream_, buffer_, *in_, [self = self()](error_code error, size_t) {
      if (self->events_)
        self->got_piece(error ? error : self->read_what_is_there());
    });
  }

  /// Each event of a watch is a TLS record and a chunk of its own, and to wait for each costs more than to read it.
  error_code read_what_is_there() {
    error_code error;
    while (!error && !in_->is_done())
      http::read_some(stream_, buffer_, *in_, error);
    return error == asio::error::would_block ? error_code{} : error;
  }

  void got_piece(error_code error) {
    const size_t octets = piece_.size() - in_->get().body().size;
    lowest().expires_never(); // the consumer may take its time
    if (octets > 0) {         // also what came before the end
      const bool go_on = events_->on_body({piece_.data(), octets});
      if (!events_ || !go_on)
        return;
    }
    if (error && error != http::error::need_buffer)
      return fail(kind::lost, "cut", error);
    read_body();
  }

  void finished() {
    auto* events = events_;
    events_ = nullptr;
    deadline_.cancel();
    lowest().expires_never();
    const bool reusable = in_->keep_alive();
    if (!reusable)
      close();
    events->on_end(nullptr, reusable);
  }

  std::weak_ptr<asio::io_context> io_; // weak: handlers that wait inside of it own this object
  api_server server_;
  api_timings timings_;
  std::shared_ptr<asio::ssl::context> context_;
  Stream stream_;
  asio::steady_timer deadline_;
  std::vector<asio::ip::tcp::endpoint> endpoints_;
  connection_events* events_ = nullptr; ///< null: nobody listens (closed, or between requests)
  request wanted_;
  http::request<http::empty_body> out_;
  std::optional<http::response_parser<http::buffer_body>> in_;
  beast::flat_buffer buffer_{max_head_octets + piece_octets};
  std::vector<char> piece_ = std::vector<char>(piece_octets);
  uint64_t request_id_ = 0;
  bool open_ = false;
  std::string validity_; ///< of the certificate that was not believed
};

} // namespace

std::shared_ptr<connection> make_connection(std::shared_ptr<asio::io_context> io, const api_server& server,
                                            std::shared_ptr<asio::ssl::context> tls, const api_timings& timings) {
  if (!server.tls)
    return std::make_shared<basic_connection<beast::tcp_stream>>(io, server, timings, nullptr);
  auto& context = *tls;
  return std::make_shared<basic_connection<beast::ssl_stream<beast::tcp_stream>>>(io, server, timings, std::move(tls),
                                                                                  context);
}

} // namespace troupe::kube
