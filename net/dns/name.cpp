// SPDX-License-Identifier: Apache-2.0
#include "net/dns/name.hpp"

#include <cstring>
#include <ctime>
#include <sys/random.h>

namespace troupe::dns {

namespace {

constexpr uint64_t every_octet = 0x0101010101010101;

/// Lowers A-Z in eight octets at once. Sums of 7-bit values cannot carry into the next octet; bit 7 of `from_a` says
/// "at least 'A'", of `past_z` "more than 'Z'".
uint64_t lower8(uint64_t octets) noexcept {
  const uint64_t low7 = octets & every_octet * 0x7f;
  const uint64_t from_a = low7 + every_octet * (0x80 - 'A');
  const uint64_t past_z = low7 + every_octet * (0x7f - 'Z');
  const uint64_t upper = (from_a ^ past_z) & ~octets & every_octet * 0x80;
  return octets | upper >> 2;
}

uint8_t lower1(uint8_t octet) noexcept {
  return octet >= 'A' && octet <= 'Z' ? static_cast<uint8_t>(octet + ('a' - 'A')) : octet;
}

template <class Word>
Word load(const uint8_t* p) noexcept {
  Word value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

struct hash_key {
  uint64_t seed, mask, finish;
};

hash_key draw_key() noexcept {
  hash_key key;
  if (getrandom(&key, sizeof key, 0) == static_cast<ssize_t>(sizeof key))
    return key;
  // Only a kernel without getrandom(2) comes here. The clock and where we were loaded are better than a constant.
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  key.seed = static_cast<uint64_t>(now.tv_nsec) * 0x9e3779b97f4a7c15;
  key.mask = reinterpret_cast<uintptr_t>(&key) * 0xd6e8feb86659fd93;
  key.finish = (static_cast<uint64_t>(now.tv_sec) ^ key.seed) | 1;
  return key;
}

// Before every other static object, so that tables built at start already use the final key.
[[gnu::init_priority(200)]] const hash_key key = draw_key();

/// Product of two words folded to one: every input bit reaches half of the output's.
uint64_t fold(uint64_t a, uint64_t b) noexcept {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t load_short(const uint8_t* p, size_t size) noexcept {
  if (size >= 4)
    return static_cast<uint64_t>(load<uint32_t>(p)) << 32 | load<uint32_t>(p + size - 4);
  if (size == 0)
    return 0;
  return static_cast<uint64_t>(p[0]) << 16 | static_cast<uint64_t>(p[size / 2]) << 8 | p[size - 1];
}

} // namespace

uint32_t hash(name_view lowered) noexcept {
  const uint8_t* p = lowered.data();
  const size_t size = lowered.size();
  uint64_t state = key.seed ^ size;
  if (size >= 16) {
    // The last 16 octets may overlap those before them; the size is in the state, so nothing is ambiguous.
    const uint8_t* const last = p + size - 16;
    for (; p < last; p += 16)
      state = fold(load<uint64_t>(p) ^ key.mask, load<uint64_t>(p + 8) ^ state);
    state = fold(load<uint64_t>(last) ^ key.mask, load<uint64_t>(last + 8) ^ state);
  } else if (size >= 8) {
    state = fold(load<uint64_t>(p) ^ key.mask, load<uint64_t>(p + size - 8) ^ state);
  } else {
    state = fold(load_short(p, size) ^ key.mask, state);
  }
  state = fold(state ^ key.finish, key.mask);
  return static_cast<uint32_t>(state ^ state >> 32);
}

void lower(name_view from, uint8_t* to) noexcept {
  const uint8_t* p = from.data();
  const size_t size = from.size();
  if (size < 8) {
    for (size_t i = 0; i < size; ++i)
      to[i] = lower1(p[i]);
    return;
  }
  auto step = [&](size_t at) {
    const uint64_t word = lower8(load<uint64_t>(p + at));
    std::memcpy(to + at, &word, sizeof word);
  };
  for (size_t at = 0; at + 8 < size; at += 8)
    step(at);
  step(size - 8);
}

bool equal(name_view a, name_view b) noexcept {
  const size_t size = a.size();
  if (size != b.size())
    return false;
  if (size < 8) {
    for (size_t i = 0; i < size; ++i)
      if (lower1(a[i]) != lower1(b[i]))
        return false;
    return true;
  }
  auto same = [&](size_t at) { return lower8(load<uint64_t>(a.data() + at)) == lower8(load<uint64_t>(b.data() + at)); };
  for (size_t at = 0; at + 8 < size; at += 8)
    if (!same(at))
      return false;
  return same(size - 8);
}

size_t name_length(name_view wire) noexcept {
  size_t at = 0;
  while (at < wire.size() && at < max_name_octets) {
    const uint8_t length = wire[at];
    if (length == 0)
      return at + 1;
    if (length > max_label_octets)
      return 0;
    at += size_t{1} + length;
  }
  return 0;
}

bool is_subdomain(name_view child, name_view parent) noexcept {
  while (child.size() > parent.size()) {
    const size_t step = size_t{1} + child[0];
    if (step == 1 || step > child.size())
      return false;
    child = child.subspan(step);
  }
  return equal(child, parent);
}

std::optional<name> name::from_wire(name_view wire) noexcept {
  if (name_length(wire) != wire.size() || wire.empty())
    return std::nullopt;
  name result;
  result.size_ = static_cast<uint8_t>(wire.size());
  std::memcpy(result.octets_.data(), wire.data(), wire.size());
  return result;
}

size_t name::labels() const noexcept {
  size_t count = 0;
  for (size_t at = 0; octets_[at] != 0; at += size_t{1} + octets_[at])
    ++count;
  return count;
}

name name::lowered() const noexcept {
  name result;
  result.size_ = size_;
  lower(wire(), result.octets_.data());
  return result;
}

bool name::prepend(std::string_view label) noexcept {
  const size_t step = label.size() + 1;
  if (label.empty() || label.size() > max_label_octets || size_ + step > max_name_octets)
    return false;
  std::memmove(octets_.data() + step, octets_.data(), size_);
  octets_[0] = static_cast<uint8_t>(label.size());
  std::memcpy(octets_.data() + 1, label.data(), label.size());
  size_ = static_cast<uint8_t>(size_ + step);
  return true;
}

bool name::operator==(const name& other) const noexcept {
  return size_ == other.size_ &&
         (std::memcmp(octets_.data(), other.octets_.data(), size_) == 0 || equal(wire(), other.wire()));
}

} // namespace troupe::dns
