// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/loop.hpp"
#include "net/socket.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <sys/uio.h>

namespace troupe::net {

/// The octets of one connection, on a socket that does not block. Framing, order and limits are its owner's. What
/// stands between these octets and those on the wire is up to the class behind it: nothing for plain_stream, TLS for
/// another. Owns the socket. Thread: the loop's.
class byte_stream {
public:
  using direction = boost::asio::posix::stream_descriptor::wait_type;

  virtual ~byte_stream() = default;

  /// How many octets came; 0: no more will; negative: errno with its sign changed, -EAGAIN as long as there are none.
  /// Takes more from the socket only where nothing is read ahead: so who reads on while something is comes to an end.
  virtual ssize_t read(std::span<uint8_t> into) noexcept = 0;
  /// Octets are there that no event of the socket will tell of, since they were taken from it with others.
  virtual bool has_read_ahead() const noexcept { return false; }

  /// How many octets of all pieces were taken; negative as above. At most max_pieces count.
  virtual ssize_t write(std::span<const iovec> pieces) noexcept = 0;
  /// The stream has octets of its own to write, a handshake's: it wants a call of write(), with nothing if there is
  /// nothing, as soon as the socket has room.
  virtual bool wants_room() const noexcept { return false; }

  /// False while a handshake is under way: write() takes nothing then, however much room the socket has.
  virtual bool is_open() const noexcept { return true; }
  /// Why a call has failed, in Go's words, where errno does not say it (-EPROTO); empty: errno says it all.
  virtual std::string_view failure() const noexcept { return {}; }

  static constexpr size_t max_pieces = 64;

  /// Calls `then(error_code)` once, when the socket can make progress.
  template <class Then>
  void wait(direction where, Then then) {
    socket_.async_wait(where, std::move(then));
  }

  int fd() noexcept { return socket_.native_handle(); }

protected:
  explicit byte_stream(loop& home) : socket_(home.io()) {}

private:
  friend std::unique_ptr<byte_stream> watched(std::unique_ptr<byte_stream> fresh, descriptor fd);

  boost::asio::posix::stream_descriptor socket_;
};

/// Gives a stream its socket. Null, and the socket is closed, if the kernel has no room to watch one more.
std::unique_ptr<byte_stream> watched(std::unique_ptr<byte_stream> fresh, descriptor fd);

/// Makes a stream of a connected or connecting socket; null as above.
using stream_opener = std::function<std::unique_ptr<byte_stream>(loop& home, descriptor fd)>;

/// TCP as it is.
std::unique_ptr<byte_stream> open_plain_stream(loop& home, descriptor fd);

} // namespace troupe::net
