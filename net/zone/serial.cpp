// SPDX-License-Identifier: Apache-2.0
#include "net/zone/serial.hpp"

#include <algorithm>
#include <utility>

namespace troupe::zone {

namespace {

using std::chrono::seconds;

/// The whole seconds that have passed at `now`.
std::chrono::sys_seconds second_of(serial_number::time now) noexcept {
  return std::chrono::floor<seconds>(now);
}

uint32_t number_of(std::chrono::sys_seconds second) noexcept {
  return static_cast<uint32_t>(second.time_since_epoch().count());
}

} // namespace

uint32_t serial_number::present(time now) noexcept {
  return number_of(second_of(now));
}

void serial_number::begin(time now) noexcept {
  value_ = std::max(value_, present(now));
  first_.reset();
  later_.reset();
}

void serial_number::changed(time now) noexcept {
  const auto end = second_of(now) + seconds{1};
  if (!first_ || end < *first_)
    first_ = end;
  else if (end != *first_)
    later_ = end;
}

std::optional<serial_number::time> serial_number::due() const noexcept {
  return first_ ? std::optional<time>{*first_ + settling} : std::nullopt;
}

/// A clock that is set back does not take the number with it: it then goes up by one for each second with changes.
bool serial_number::advance(time now) noexcept {
  const uint32_t before = value_;
  if (first_)
    first_ = std::min(*first_, second_of(now) + seconds{1});
  for (; first_ && now >= *first_ + settling; first_ = std::exchange(later_, std::nullopt))
    value_ = std::max(value_ + 1, number_of(*first_));
  return value_ != before;
}

} // namespace troupe::zone
