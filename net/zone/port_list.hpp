// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/compact_ptr.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::zone {

/// A port as answers need it.
struct port_record {
  std::string name;
  uint16_t number = 0;
  enum class protocol : uint8_t { none, tcp, udp, sctp } proto = protocol::none;
  uint32_t name_hash = 0; ///< port_list sets it: a walk over thousands compares this alone
  bool operator==(const port_record&) const = default;
};

/// "tcp" and so on; `none` for all else.
port_record::protocol protocol_from(std::string_view text) noexcept;

/// The ports that have a name and protocol (lower-case octets without underscore; empty: any).
class port_filter {
public:
  port_filter(std::string_view name, std::string_view protocol) noexcept;

  bool all() const noexcept { return name_.empty() && any_protocol_; }
  bool matches(const port_record& port) const noexcept {
    if (!name_.empty() && (port.name_hash != name_hash_ || port.name != name_))
      return false;
    return any_protocol_ || (port.proto == protocol_ && protocol_ != port_record::protocol::none);
  }
  /// How many match; a missing list counts as one port without name and number.
  size_t count(std::span<const port_record> ports) const noexcept;

private:
  std::string_view name_;
  uint32_t name_hash_;
  bool any_protocol_;
  port_record::protocol protocol_;
};

/// The ports of a Service or EndpointSlice, in order. Immutable and shared: most services of a cluster have one of a
/// few lists.
class port_list {
public:
  port_list() noexcept = default;
  /// Shares one of the lists that this thread has seen lately, if it is the same.
  explicit port_list(std::vector<port_record> ports);

  const port_record* begin() const noexcept { return view().data(); }
  const port_record* end() const noexcept { return view().data() + size(); }
  size_t size() const noexcept { return shared_ ? shared_->size() : 0; }
  bool empty() const noexcept { return size() == 0; }
  const port_record& operator[](size_t i) const noexcept { return (*shared_)[i]; }
  operator std::span<const port_record>() const noexcept { return view(); }
  bool operator==(const port_list& other) const noexcept;
  /// True if it shares the other's memory: then it is the same list, and mostly only then.
  bool shares(const port_list& other) const noexcept { return shared_ == other.shared_; }

private:
  std::span<const port_record> view() const noexcept {
    return shared_ ? std::span<const port_record>{*shared_} : std::span<const port_record>{};
  }

  compact_ptr<std::vector<port_record>> shared_; ///< null: none
};

} // namespace troupe::zone
