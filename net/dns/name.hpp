// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/types.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace troupe::dns {

/// An uncompressed wire-form name or a run of its labels, seen from outside (RFC 1035 section 3.1). Not owned.
using name_view = std::span<const uint8_t>;

/// A whole name in wire form, root label included, stored inline; the default is the root. Octets keep their case;
/// equality and hash ignore ASCII case (RFC 4343 section 3). Any thread, no allocation.
class name {
public:
  name() noexcept : size_(1), octets_{} {}

  /// From text in master-file form (RFC 1035 section 5.1: `\.`, `\\`, `\DDD`), with or without the final dot.
  /// Nothing if a label is empty or longer than 63 octets, or the whole longer than 255.
  static std::optional<name> from_text(std::string_view text);

  /// From uncompressed wire form; nothing unless `wire` is exactly one well-formed name.
  static std::optional<name> from_wire(name_view wire) noexcept;

  name_view wire() const noexcept { return {octets_.data(), size_}; }
  size_t size() const noexcept { return size_; } ///< octets, 1 to 255
  size_t labels() const noexcept;                ///< without the root
  bool is_root() const noexcept { return size_ == 1; }

  /// Master-file text with the final dot; octets that are not printable ASCII as `\DDD`.
  std::string to_text() const;

  name lowered() const noexcept;

  /// Puts `label` (1 to 63 octets, any content) in front; false and unchanged if it does not fit.
  bool prepend(std::string_view label) noexcept;

  bool operator==(const name& other) const noexcept;

private:
  uint8_t size_;
  std::array<uint8_t, max_name_octets> octets_;
};

/// Text of a wire-form name or of a run of labels (a final dot only where the root label is there). Never fails: what
/// is not well-formed ends the text.
std::string to_text(name_view wire);

/// Length in octets of the uncompressed name at the front of `wire`, root included; 0 if it is not well-formed.
size_t name_length(name_view wire) noexcept;

/// True if `child` is `parent` or below it, ASCII case ignored; both whole names in wire form.
bool is_subdomain(name_view child, name_view parent) noexcept;

/// ASCII-case-insensitive equality of wire-form octets.
bool equal(name_view a, name_view b) noexcept;

/// A fast hash of octets, keyed per process (CSPRNG at start) so that nobody outside can aim for one bucket.
/// Callers lower-case first.
uint32_t hash(name_view lowered) noexcept;

/// Copies `from` to `to` with A-Z lowered; length octets stay as they are (all are < 'A').
void lower(name_view from, uint8_t* to) noexcept;

} // namespace troupe::dns
