// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_stream.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace troupe::net {

namespace {

constexpr size_t prefix_octets = 2;

} // namespace

int upstream_stream::finish_connecting() noexcept {
  int code = 0;
  socklen_t size = sizeof code;
  ::getsockopt(fd(), SOL_SOCKET, SO_ERROR, &code, &size);
  connecting = code != 0;
  return code;
}

uint16_t upstream_stream::admit(uint64_t whom, secure_random& random) {
  for (;;)
    if (const uint16_t id = random.next(); waiting.emplace(id, whom).second)
      return id;
}

void upstream_stream::enqueue(std::span<const uint8_t> message) {
  out_.push_back(static_cast<uint8_t>(message.size() >> 8));
  out_.push_back(static_cast<uint8_t>(message.size()));
  out_.insert(out_.end(), message.begin(), message.end());
}

int upstream_stream::flush() noexcept {
  while (!connecting && (unsent() || octets_->wants_room())) {
    const iovec left{out_.data() + written_, out_.size() - written_};
    const ssize_t n = octets_->write({&left, 1});
    if (n < 0)
      return n == -EAGAIN ? 0 : static_cast<int>(-n);
    written_ += static_cast<size_t>(n);
  }
  if (!unsent()) {
    out_.clear();
    written_ = 0;
  }
  return 0;
}

int upstream_stream::read(std::span<uint8_t> scratch) {
  in_.erase(in_.begin(), in_.begin() + static_cast<ptrdiff_t>(taken_));
  taken_ = 0;
  do {
    const ssize_t n = octets_->read(scratch);
    if (n == 0)
      return end_of_stream;
    if (n < 0)
      return n == -EAGAIN ? 0 : static_cast<int>(-n);
    in_.insert(in_.end(), scratch.data(), scratch.data() + n);
  } while (octets_->has_read_ahead());
  return 0;
}

std::optional<std::span<const uint8_t>> upstream_stream::next_message() noexcept {
  const auto left = std::span<const uint8_t>{in_}.subspan(taken_);
  if (left.size() < prefix_octets)
    return std::nullopt;
  const size_t length = size_t{left[0]} << 8 | left[1];
  if (left.size() - prefix_octets < length)
    return std::nullopt;
  taken_ += prefix_octets + length;
  return left.subspan(prefix_octets, length);
}

} // namespace troupe::net
