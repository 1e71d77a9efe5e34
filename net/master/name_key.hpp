// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <cstring>

namespace troupe::master {

/// A name below a zone's apex as octets whose order is the canonical order of names (RFC 4034 section 6.1) and in which
/// the key of each name above it is a prefix: labels from the apex on, lower-case, each with a zero octet behind it;
/// octets 0 and 1 of a label stand as 1 1 and 1 2. The apex's own key is empty.
class name_key {
public:
  static constexpr size_t max_octets = 2 * dns::max_name_octets;

  /// Nothing unless `name` is `apex` or below it; both whole, in any case.
  static std::optional<name_key> relative(dns::name_view name, dns::name_view apex) noexcept;

  std::span<const uint8_t> octets() const noexcept { return {octets_.data(), ends_[labels_]}; }
  size_t labels() const noexcept { return labels_; } ///< below the apex
  /// That of the name above it which has `labels` labels below the apex.
  std::span<const uint8_t> up_to(size_t labels) const noexcept { return {octets_.data(), ends_[labels]}; }
  /// How many of its labels `other` begins with, label by label.
  size_t shared_labels(std::span<const uint8_t> other) const noexcept;
  /// That of `*` below the name with `labels` labels.
  name_key wildcard(size_t labels) const noexcept;

private:
  std::array<uint8_t, max_octets> octets_;
  std::array<uint16_t, dns::max_labels + 1> ends_{}; ///< behind each label; [0] is 0
  size_t labels_ = 0;
};

inline bool key_less(std::span<const uint8_t> a, std::span<const uint8_t> b) noexcept {
  const size_t common = a.size() < b.size() ? a.size() : b.size();
  const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
  return order != 0 ? order < 0 : a.size() < b.size();
}

inline bool key_begins_with(std::span<const uint8_t> key, std::span<const uint8_t> front) noexcept {
  return key.size() >= front.size() && (front.empty() || std::memcmp(key.data(), front.data(), front.size()) == 0);
}

/// The name that has this key, its letters small.
dns::name name_of_key(std::span<const uint8_t> key, const dns::name& apex) noexcept;

} // namespace troupe::master
