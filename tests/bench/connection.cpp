// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>

namespace troupe::bench {
namespace {

constexpr size_t max_datagram = 2048; // octets, longer answers are cut: only the header is looked at

/// Buffers and headers of the two calls, one set a thread.
struct batch_memory {
  std::array<std::array<uint8_t, max_datagram>, connection::batch> octets;
  std::array<iovec, connection::batch> parts;
  std::array<mmsghdr, connection::batch> messages;

  batch_memory() {
    messages = {};
    for (size_t i = 0; i < messages.size(); ++i) {
      parts[i] = {octets[i].data(), max_datagram};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

thread_local batch_memory outgoing, incoming;

/// Begins at the clock, which runs ahead of it: no run asks for a name of an earlier one.
std::atomic<uint64_t> next_fresh{clock_now()};

void write_fresh_label(uint8_t* to) noexcept {
  uint64_t number = next_fresh.fetch_add(1, std::memory_order_relaxed);
  for (size_t i = fresh_label_octets; i-- > 0; number >>= 4)
    to[i] = static_cast<uint8_t>("0123456789abcdef"[number & 15]);
}

} // namespace

uint64_t clock_now() noexcept {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

connection::connection(const sockaddr_in& server, size_t window, bool check, bool fresh)
  : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), check_(check), fresh_(fresh), slots_(window) {
  if (fd_ < 0 || connect(fd_, reinterpret_cast<const sockaddr*>(&server), sizeof server) < 0) {
    std::perror("cannot open a UDP socket to the server");
    std::exit(1);
  }
  for (size_t i = window; i-- > 0;)
    free_.push_back(static_cast<uint8_t>(i));
}

connection::connection(connection&& other) noexcept
  : fd_(std::exchange(other.fd_, -1)), check_(other.check_), fresh_(other.fresh_), slots_(std::move(other.slots_)),
    free_(std::move(other.free_)) {}

connection::~connection() {
  if (fd_ >= 0)
    close(fd_);
}

void connection::send(size_t count, const std::vector<question>& list, size_t& next, uint64_t now, counters& seen) {
  count = std::min({count, free_.size(), batch});
  for (size_t i = 0; i < count; ++i) {
    auto index = free_[free_.size() - 1 - i];
    auto& s = slots_[index];
    auto& q = list[next];
    next = next + 1 == list.size() ? 0 : next + 1;
    s.asked = &q;
    s.sent_at = now;
    ++s.generation;
    auto& octets = outgoing.octets[i];
    std::memcpy(octets.data(), q.wire.data(), q.wire.size());
    octets[0] = s.generation;
    octets[1] = index;
    if (fresh_)
      write_fresh_label(octets.data() + 13);
    outgoing.parts[i].iov_len = q.wire.size();
  }
  int sent = sendmmsg(fd_, outgoing.messages.data(), static_cast<unsigned>(count), 0);
  auto gone = static_cast<size_t>(std::max(sent, 0));
  for (size_t i = gone; i < count; ++i) // not sent: their slots stay free
    slots_[free_[free_.size() - 1 - i]].asked = nullptr;
  free_.resize(free_.size() - gone);
  counters::bump(seen.sent, gone);
}

bool connection::receive(counters& seen, histogram* times) {
  int got = recvmmsg(fd_, incoming.messages.data(), batch, MSG_DONTWAIT, nullptr);
  if (got <= 0)
    return false;
  auto now = clock_now();
  for (int i = 0; i < got; ++i)
    settle({incoming.octets[i].data(), incoming.messages[i].msg_len}, now, seen, times);
  return true;
}

void connection::settle(std::span<const uint8_t> answer, uint64_t now, counters& seen, histogram* times) {
  if (answer.size() < 12 || answer[1] >= slots_.size() || !slots_[answer[1]].asked ||
      slots_[answer[1]].generation != answer[0]) {
    counters::bump(seen.stray);
    return;
  }
  auto& s = slots_[answer[1]];
  auto& q = *std::exchange(s.asked, nullptr);
  free_.push_back(answer[1]);
  counters::bump(seen.answered);
  if (times)
    times->add(now - s.sent_at);
  if (check_ && ((answer[3] & 15) != q.rcode || (answer[6] << 8 | answer[7]) != q.answers))
    counters::bump(seen.wrong);
}

void connection::expire(uint64_t deadline, counters& seen) {
  for (size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].asked && slots_[i].sent_at < deadline) {
      slots_[i].asked = nullptr;
      free_.push_back(static_cast<uint8_t>(i));
      counters::bump(seen.lost);
    }
}

} // namespace troupe::bench
