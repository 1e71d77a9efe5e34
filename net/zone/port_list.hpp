// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/compact_ptr.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace troupe::zone {

/// A port as answers need it.
struct port_record {
  std::string name;
  uint16_t number = 0;
  enum class protocol : uint8_t { none, tcp, udp, sctp } proto = protocol::none;
  bool operator==(const port_record&) const = default;
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

private:
  std::span<const port_record> view() const noexcept {
    return shared_ ? std::span<const port_record>{*shared_} : std::span<const port_record>{};
  }

  compact_ptr<std::vector<port_record>> shared_; ///< null: none
};

} // namespace troupe::zone
