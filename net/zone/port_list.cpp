// SPDX-License-Identifier: Apache-2.0
#include "net/zone/port_list.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace troupe::zone {

namespace {

using shared_ports = compact_ptr<std::vector<port_record>>;

constexpr size_t remembered = 64; ///< lists of a thread

size_t place_of(const std::vector<port_record>& ports) noexcept {
  size_t hash = ports.size();
  for (const port_record& p : ports)
    hash = hash * 31 + std::hash<std::string>{}(p.name) + p.number + static_cast<size_t>(p.proto);
  return hash % remembered;
}

} // namespace

port_list::port_list(std::vector<port_record> ports) {
  if (ports.empty())
    return;
  thread_local std::array<shared_ports, remembered> lately;
  shared_ports& known = lately[place_of(ports)];
  if (!known || *known != ports) {
    ports.shrink_to_fit();
    known = shared_ports::make(std::move(ports));
  }
  shared_ = known;
}

bool port_list::operator==(const port_list& other) const noexcept {
  return shared_ == other.shared_ || std::ranges::equal(view(), other.view());
}

} // namespace troupe::zone
