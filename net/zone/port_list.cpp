// SPDX-License-Identifier: Apache-2.0
#include "net/zone/port_list.hpp"

#include "net/dns/name.hpp"

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

uint32_t hash_of(std::string_view name) noexcept {
  return dns::hash({reinterpret_cast<const uint8_t*>(name.data()), name.size()});
}

} // namespace

port_record::protocol protocol_from(std::string_view text) noexcept {
  using enum port_record::protocol;
  return text == "tcp" ? tcp : text == "udp" ? udp : text == "sctp" ? sctp : none;
}

port_filter::port_filter(std::string_view name, std::string_view protocol) noexcept
  : name_(name), name_hash_(name.empty() ? 0 : hash_of(name)), any_protocol_(protocol.empty()),
    protocol_(protocol.empty() ? port_record::protocol::none : protocol_from(protocol)) {}

size_t port_filter::count(std::span<const port_record> ports) const noexcept {
  if (all())
    return std::max<size_t>(1, ports.size());
  return static_cast<size_t>(std::ranges::count_if(ports, [&](const port_record& p) { return matches(p); }));
}

port_list::port_list(std::vector<port_record> ports) {
  if (ports.empty())
    return;
  for (port_record& p : ports)
    p.name_hash = hash_of(p.name);
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
