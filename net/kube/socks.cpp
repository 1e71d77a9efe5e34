// SPDX-License-Identifier: Apache-2.0
#include "net/kube/objects.hpp"
#include "net/kube/tunnel.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>

/// SOCKS 5 (RFC 1928), with user and password (RFC 1929) or without.
namespace troupe::kube {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using kind = exchange_error::kind;

constexpr size_t max_text = 255; ///< octets of a name, a user or a password
constexpr uint8_t version = 5, login_version = 1, command_connect = 1;
enum method : uint8_t { nothing = 0, login = 2 };
enum address_type : uint8_t { v4 = 1, name = 3, v6 = 4 };

const char* reason(uint8_t code) {
  constexpr std::array reasons{"none",
                               "failure",
                               "its rules forbid it",
                               "network unreachable",
                               "host unreachable",
                               "connection refused",
                               "time to live is over",
                               "it cannot do that",
                               "it takes no such address"};
  return code < reasons.size() ? reasons[code] : "for no reason that is known";
}

std::string counted(const std::string& text) {
  return static_cast<char>(text.size()) + text;
}

/// Names go to the proxy as they are: it looks them up.
std::string destination(const tunnel_end& end) {
  std::string out;
  if (auto number = address::from_text(end.host))
    out.append(1, number->v6 ? v6 : v4).append(number->octets.begin(), number->octets.begin() + (number->v6 ? 16 : 4));
  else
    out.append(1, name).append(counted(end.host));
  return out.append(1, static_cast<char>(end.port >> 8)).append(1, static_cast<char>(end.port & 255));
}

class socks_exchange : public std::enable_shared_from_this<socks_exchange> {
public:
  socks_exchange(boost::beast::tcp_stream& stream, const proxy& through, const tunnel_end& end, tunnel_done done)
    : stream_(stream), end_(end), done_(std::move(done)) {
    const std::string both = through.credentials.value_or("");
    user_ = both.substr(0, both.find(':'));
    password_ = both.substr(std::min(user_.size() + 1, both.size()));
  }

  void start() {
    if (std::max({user_.size(), password_.size(), end_.host.size()}) > max_text)
      return asio::post(stream_.get_executor(), [self = shared_from_this()] {
        self->end("a name, user or password has more octets than SOCKS has room for");
      });
    const bool named = !user_.empty();
    say(named ? std::string{version, 2, nothing, login} : std::string{version, 1, nothing}, 2, [this, named] {
      if (in_[0] != version)
        return end("it does not speak SOCKS 5");
      if (in_[1] == login && named)
        return log_in();
      in_[1] == nothing ? request() : end("it refuses: it wants another user and password than it was given, or one");
    });
  }

private:
  void log_in() {
    say(std::string{login_version} + counted(user_) + counted(password_), 2,
        [this] { in_[1] == 0 ? request() : end("it refuses: it does not take the user and password it was given"); });
  }

  void request() {
    // Each answer has five octets at least: the last two are of what kind an address is, and its first.
    say(std::string{version, command_connect, 0} + destination(end_), 5, [this] {
      const uint8_t code = in_[1];
      if (in_[0] != version)
        return end("it does not speak SOCKS 5");
      if (code != 0)
        return end(fmt::format("it cannot connect: {} (SOCKS {})", reason(code), code),
                   code >= 3 && code <= 6 ? kind::refused : kind::handshake);
      const size_t octets = in_[3] == v4 ? 4 : in_[3] == v6 ? 16 : in_[3] == name ? size_t{in_[4]} + 1 : 0;
      if (octets == 0)
        return end("it does not speak SOCKS 5");
      say({}, octets - 1 + sizeof(uint16_t), [this] { done_(nullptr); });
    });
  }

  /// Sends `out`, then reads so many octets into `in_`, no more: what follows is the server's.
  void say(std::string out, size_t octets, std::function<void()> then) {
    out_ = std::move(out);
    asio::async_write(stream_, asio::buffer(out_), [self = shared_from_this(), octets, then](error_code error, size_t) {
      if (error)
        return self->end(error);
      asio::async_read(self->stream_, asio::buffer(self->in_, octets),
                       [self, then](error_code failed, size_t) { failed ? self->end(failed) : then(); });
    });
  }

  void end(error_code error) {
    const auto trouble = proxy_broke("no answer by SOCKS 5", error);
    done_(&trouble);
  }
  void end(const std::string& why, kind cause = kind::handshake) {
    const exchange_error trouble{cause, "the proxy: " + why};
    done_(&trouble);
  }

  boost::beast::tcp_stream& stream_;
  const tunnel_end end_;
  const tunnel_done done_;
  std::string user_, password_, out_;
  std::array<uint8_t, max_text + sizeof(uint16_t)> in_{};
};

} // namespace

void open_socks_tunnel(boost::beast::tcp_stream& stream, const proxy& through, const tunnel_end& end,
                       tunnel_done done) {
  std::make_shared<socks_exchange>(stream, through, end, std::move(done))->start();
}

} // namespace troupe::kube
