// SPDX-License-Identifier: Apache-2.0
#include "net/byte_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

namespace troupe::net {

namespace {

/// An interrupted call has found nothing yet.
ssize_t outcome(ssize_t result) noexcept {
  if (result >= 0)
    return result;
  return errno == EINTR ? -EAGAIN : -errno;
}

class plain_stream final : public byte_stream {
public:
  explicit plain_stream(loop& home) : byte_stream(home) {}

  ssize_t read(std::span<uint8_t> into) noexcept override { return outcome(::recv(fd(), into.data(), into.size(), 0)); }

  ssize_t write(std::span<const iovec> pieces) noexcept override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = std::min(pieces.size(), max_pieces);
    return outcome(::sendmsg(fd(), &message, MSG_NOSIGNAL));
  }
};

} // namespace

std::unique_ptr<byte_stream> watched(std::unique_ptr<byte_stream> fresh, descriptor fd) {
  boost::system::error_code failed;
  fresh->socket_.assign(fd.get(), failed);
  if (failed)
    return nullptr;
  fd.release();
  return fresh;
}

std::unique_ptr<byte_stream> open_plain_stream(loop& home, descriptor fd) {
  return watched(std::make_unique<plain_stream>(home), std::move(fd));
}

} // namespace troupe::net
