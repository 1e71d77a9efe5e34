// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"
#include "net/kube/objects.hpp"
#include "net/zone/dotted.hpp"

#include <cstring>
#include <memory>

namespace troupe::zone {

/// Labels of a name before its zone, in wire form without root. What is too long for any name is marked, not cut.
class label_string {
public:
  label_string() = default;
  template <class... Labels>
  explicit label_string(const Labels&... labels) noexcept {
    (add(labels), ...);
  }

  void clear() noexcept { size_ = 0, fits_ = true; }
  void add(std::string_view label) noexcept { add({}, label); }
  void add(dotted labels) noexcept {
    labels.each([this](std::string_view label) { add(label); });
  }
  /// `_http._tcp`
  void add_port(std::string_view name, std::string_view protocol) noexcept {
    add("_", name);
    add("_", protocol);
  }
  void add(dns::name_view labels) noexcept;

  dns::name_view view() const noexcept { return {octets_, size_}; }
  /// True if this and a zone of so many octets make a name (RFC 1035 section 2.3.4).
  bool fits(size_t zone_octets) const noexcept { return fits_ && size_ + zone_octets <= dns::max_name_octets; }

private:
  void add(std::string_view front, std::string_view label) noexcept;

  uint8_t octets_[dns::max_name_octets];
  size_t size_ = 0;
  bool fits_ = true;
};

/// One record of a zone that is transferred. Members that the type does not use mean nothing.
struct zone_record {
  label_string owner; ///< before the zone
  dns::rrtype type = dns::rrtype::a;
  uint32_t ttl = 0;
  kube::address address;         ///< A, AAAA
  uint16_t weight = 0, port = 0; ///< SRV; its priority is 0
  label_string target;           ///< NS, SRV: before the zone
  dns::name_view name;           ///< CNAME, PTR, SRV whose `target` is empty: the whole name
  std::string_view text;         ///< TXT
  /// Of any type: the data as they are, names in them whole. Used where `is_raw`, instead of the five before.
  std::span<const uint8_t> raw;
  uint16_t rrclass = 1; ///< with `raw`
  bool is_raw = false;
};

/// What the SOA of a zone says (RFC 1035 section 3.3.13); what is not here is CoreDNS's, reference 1.4.
struct zone_authority {
  uint32_t serial = 0;
  uint32_t ttl = 0, minimum = 0; ///< seconds
  label_string primary, mailbox; ///< before the zone: MNAME, RNAME
  /// All of its data as they are; if there are any the four before do not count.
  std::span<const uint8_t> raw;
};

/// All records of one zone but its SOA, from one moment, step by step: what a kind of zone does to be transferred.
/// Thread: the loop's.
class zone_records {
public:
  enum class step : uint8_t {
    record,  ///< `out` holds one
    working, ///< something was done, there is none yet
    end      ///< that was all
  };

  virtual ~zone_records() = default;
  /// Takes the snapshot; called once, before the others. It must hold at least what its serial stands for.
  virtual zone_authority begin() = 0;
  /// Does work of a few microseconds. What `out` points to lives until the next call. Records whose names do not fit
  /// into 255 octets with their zone may be among them; they are left out by whoever asks.
  virtual step next(zone_record& out) = 0;
};

} // namespace troupe::zone
