// SPDX-License-Identifier: Apache-2.0
#include "net/notification.hpp"

#include "net/dns/text.hpp"
#include "net/dns/wire.hpp"
#include "net/upstream_socket.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <sys/socket.h>

namespace troupe::net {

namespace asio = boost::asio;

namespace {

constexpr uint16_t opcode_bits = 0x7800;
constexpr uint16_t notify_bits = static_cast<uint16_t>(dns::opcode::notify) << 11;
constexpr size_t longest = dns::header_octets + dns::max_name_octets + 4;
constexpr int answers_per_turn = 16;

/// RFC 1996 section 3.6: AA, and the zone's SOA as the question.
size_t write_notify(const dns::name& zone, uint16_t id, std::span<uint8_t, longest> out) noexcept {
  uint8_t* p = dns::put16(out.data(), id);
  p = dns::put16(p, notify_bits | dns::flag::aa);
  p = dns::put16(p, 1);
  p = dns::put16(dns::put32(p, 0), 0);
  p = dns::put_octets(p, zone.wire());
  p = dns::put16(p, static_cast<uint16_t>(dns::rrtype::soa));
  p = dns::put16(p, static_cast<uint16_t>(dns::rrclass::in));
  return static_cast<size_t>(p - out.data());
}

/// The rcode of an answer to the NOTIFY `id`; nothing if it is none.
std::optional<unsigned> rcode_of_answer(std::span<const uint8_t> packet, uint16_t id) noexcept {
  if (packet.size() < dns::header_octets || dns::get16(packet.data()) != id)
    return std::nullopt;
  const uint16_t flags = dns::get16(&packet[2]);
  if (!(flags & dns::flag::qr) || (flags & opcode_bits) != notify_bits)
    return std::nullopt;
  return flags & 15u;
}

} // namespace

struct notification::state : std::enable_shared_from_this<state> {
  state(loop& on, const dns::name& about, const socket_address& whom, const std::optional<socket_address>& source,
        std::function<void(const outcome&)> last)
    : home(on), zone(about), to(whom), from(source), then(std::move(last)), socket(on.io()) {}

  loop& home;
  dns::name zone;
  socket_address to;
  std::optional<socket_address> from;
  std::function<void(const outcome&)> then; ///< empty: nobody wants to know any more
  asio::posix::stream_descriptor socket;
  secure_random random;
  uint16_t id = 0;
  int tried = 0;
  loop::timer_id timer = 0;
  std::string why;

  void wake_in(std::chrono::nanoseconds wait) {
    home.cancel(timer);
    timer = home.at(home.now() + wait, [weak = weak_from_this()] {
      if (const auto self = weak.lock())
        self->attempt();
    });
  }

  /// The next try; what the last one was waiting for has not come.
  void attempt() {
    if (socket.is_open())
      why = stream_error("read", protocol::udp, socket.native_handle(), to, "i/o timeout");
    close();
    if (!then)
      return;
    if (tried++ == tries)
      return end(why);
    auto opened = open_upstream_udp(to, from, random);
    if (auto* failed = std::get_if<socket_error>(&opened)) {
      why = failed->what;
      return wake_in(after_error);
    }
    boost::system::error_code ignored;
    socket.assign(std::get<descriptor>(opened).release(), ignored);
    id = random.next();
    uint8_t packet[longest];
    const size_t size = write_notify(zone, id, packet);
    if (::send(socket.native_handle(), packet, size, 0) < 0)
      return failed_by_error("write");
    wait();
    wake_in(patience);
  }

  void wait() {
    socket.async_wait(asio::posix::stream_descriptor::wait_read,
                      [weak = weak_from_this()](const boost::system::error_code& failed) {
                        if (const auto self = failed ? nullptr : weak.lock())
                          self->read();
                      });
  }

  void read() {
    uint8_t packet[512];
    for (int n = 0; n < answers_per_turn; ++n) {
      const ssize_t size = ::recv(socket.native_handle(), packet, sizeof packet, 0);
      if (size < 0 && (errno == EAGAIN || errno == EINTR))
        break;
      if (size < 0)
        return failed_by_error("read");
      const auto code = rcode_of_answer({packet, static_cast<size_t>(size)}, id);
      if (code == 0u)
        return end(std::nullopt);
      if (code) {
        why = "rcode was \"" + dns::rcode_text(static_cast<uint16_t>(*code)) + "\"";
        close();
        return wake_in(after_error);
      }
    }
    wait();
  }

  void failed_by_error(const char* verb) {
    why = stream_error(verb, protocol::udp, socket.native_handle(), to, std::string{verb} + ": " + go_text(errno));
    close();
    wake_in(after_error);
  }

  void close() {
    boost::system::error_code ignored;
    socket.close(ignored);
  }

  void end(const outcome& result) {
    close();
    home.cancel(timer);
    if (const auto last = std::exchange(then, nullptr))
      last(result);
  }
};

notification::notification(loop& home, const dns::name& zone, const socket_address& to,
                           const std::optional<socket_address>& from, std::function<void(const outcome&)> then)
  : state_(std::make_shared<state>(home, zone, to, from, std::move(then))) {
  state_->wake_in(std::chrono::nanoseconds{0});
}

notification::~notification() {
  state_->then = nullptr;
  state_->close();
  state_->home.cancel(state_->timer);
}

} // namespace troupe::net
