// SPDX-License-Identifier: Apache-2.0
#include "net/dns/response.hpp"
#include "net/dns/wire.hpp"

#include <algorithm>

namespace troupe::dns {

namespace {

constexpr size_t a_octets = 2 + record_fixed_octets + 4; // owner is a pointer
constexpr size_t aaaa_octets = 2 + record_fixed_octets + 16;

/// splitmix64, multiplied down to [0, bound).
size_t draw(uint64_t& state, size_t bound) noexcept {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return static_cast<size_t>(((z ^ z >> 31) >> 32) * bound >> 32);
}

/// Where the movable records of one type stand, section by section.
template <size_t Octets>
class places {
public:
  /// A record whose owner points at `target`: it must do so from every place it can move to.
  void add(size_t at, size_t target) noexcept {
    const bool first = count_ == begin_;
    if (count_ < at_.size() && (first || target < at_[begin_]))
      at_[count_++] = static_cast<uint16_t>(at);
  }

  void end_section(size_t where) noexcept { begin_ = ends_[where] = count_; }

  void shuffle(std::span<uint8_t> message, uint64_t& random) const noexcept {
    size_t begin = 0;
    for (size_t end : ends_) {
      for (size_t left = end - begin; left > 1; --left) {
        const size_t other = draw(random, left);
        if (other != left - 1)
          swap(message, at_[begin + other], at_[begin + left - 1]);
      }
      begin = end;
    }
  }

private:
  static void swap(std::span<uint8_t> message, size_t a, size_t b) noexcept {
    std::array<uint8_t, Octets> kept; // whole copies: an octet at a time it costs more than all else here
    std::memcpy(kept.data(), &message[a], Octets);
    std::memcpy(&message[a], &message[b], Octets);
    std::memcpy(&message[b], kept.data(), Octets);
  }

  size_t begin_ = 0, count_ = 0; ///< of the current section; of all
  std::array<size_t, 3> ends_{};
  std::array<uint16_t, max_message_octets / Octets> at_; // left unset: only count_ are read
};

} // namespace

void shuffle_addresses(std::span<uint8_t> message, uint64_t& random) noexcept {
  if (message.size() < header_octets || message.size() > max_message_octets)
    return;
  const unsigned counts[] = {get16(&message[6]), get16(&message[8]), get16(&message[10])};
  if (std::max({counts[0], counts[1], counts[2]}) < 2)
    return;
  size_t at = header_octets;
  for (unsigned i = get16(&message[4]); i > 0; --i) {
    at = skip_name(message, at);
    if (at == 0 || message.size() - at < 4)
      return;
    at += 4;
  }
  places<a_octets> a;
  places<aaaa_octets> aaaa;
  for (size_t where = 0; where < 3; ++where) {
    for (unsigned i = counts[where]; i > 0; --i) {
      const record_span record = find_record(message, at);
      if (!record)
        return;
      const auto type = static_cast<rrtype>(get16(&message[record.fixed]));
      const size_t octets = record.end - record.owner;
      if (record.fixed - record.owner == 2 && message[record.owner] >= 0xc0) {
        const size_t target = get16(&message[record.owner]) & max_pointer_target;
        if (type == rrtype::a && octets == a_octets)
          a.add(record.owner, target);
        else if (type == rrtype::aaaa && octets == aaaa_octets)
          aaaa.add(record.owner, target);
      }
      at = record.end;
    }
    a.end_section(where);
    aaaa.end_section(where);
  }
  a.shuffle(message, random);
  aaaa.shuffle(message, random);
}

} // namespace troupe::dns
