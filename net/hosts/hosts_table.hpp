// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <compare>
#include <functional>
#include <vector>

namespace troupe::hosts {

/// An address of either family.
struct host_address {
  std::array<uint8_t, 16> octets{}; ///< IPv4 in the first four
  bool v6 = false;

  auto operator<=>(const host_address&) const = default;
};

/// What a file in the format of hosts(5) says: lines of an address and its names, `#` begins a comment; lines that are
/// none are left out, as Go's readers do. A name may begin with the label `*`, which stands for any one label. An IPv6
/// address may carry a zone, which does not count, and one that is an IPv4 address (RFC 4291 section 2.5.5.2) is that.
/// Immutable; any thread. Some 30 octets for each name of a line, and the names.
class hosts_table {
public:
  /// A line longer than this ends the reading, as in CoreDNS.
  static constexpr size_t max_line_octets = 64 * 1024;

  hosts_table() = default;
  /// Of `text` those names for which `wanted` (lower-cased, whole, in wire form) is true. Names that do not fit the
  /// limits of DNS are left out. Cost: n log n.
  hosts_table(std::string_view text, const std::function<bool(dns::name_view)>& wanted);

  /// Calls `found(const host_address&)` for each address of `lowered`, in the order of the file; of names with `*` only
  /// where the name itself has none of that family.
  template <class F>
  void addresses(dns::name_view lowered, bool v6, F&& found) const;

  /// Calls `found(dns::name_view)` for each name of an address but those with `*`, in the order of the file.
  template <class F>
  void names(const host_address& address, F&& found) const;

  size_t size() const noexcept { return entries_.size(); } ///< addresses of names

private:
  struct entry {
    uint32_t name_at; ///< in names_
    uint8_t name_size;
    host_address address;
  };

  dns::name_view name_of(const entry& e) const noexcept { return {names_.data() + e.name_at, e.name_size}; }
  bool is_wildcard(const entry& e) const noexcept {
    return e.name_size > 2 && names_[e.name_at + 1] == '*' && names_[e.name_at] == 1;
  }
  void take_line(std::string_view line, const std::function<bool(dns::name_view)>& wanted);
  std::span<const entry> of_name(dns::name_view lowered, bool v6) const noexcept;
  std::span<const uint32_t> of_address(const host_address& address) const noexcept;

  std::vector<uint8_t> names_;
  std::vector<entry> entries_;       ///< by name, family, then as in the file
  std::vector<uint32_t> by_address_; ///< positions in entries_, by address, then as in the file
};

template <class F>
void hosts_table::addresses(dns::name_view lowered, bool v6, F&& found) const {
  auto all = of_name(lowered, v6);
  if (all.empty() && lowered.size() > 1) {
    std::array<uint8_t, dns::max_name_octets + 2> pattern{1, '*'};
    const auto rest = lowered.subspan(lowered[0] + size_t{1});
    std::copy(rest.begin(), rest.end(), pattern.begin() + 2);
    all = of_name(dns::name_view{pattern}.first(rest.size() + 2), v6);
  }
  for (const entry& e : all)
    found(e.address);
}

template <class F>
void hosts_table::names(const host_address& address, F&& found) const {
  for (const uint32_t at : of_address(address))
    found(name_of(entries_[at]));
}

} // namespace troupe::hosts
