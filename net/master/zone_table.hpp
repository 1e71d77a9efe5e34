// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/record.hpp"
#include "net/master/name_key.hpp"

#include <memory>
#include <vector>

namespace troupe::master {

/// A record of a table; its owner is that of its set. Points into the table.
struct table_record {
  uint16_t rrclass = 1;
  uint32_t ttl = 0;              ///< seconds
  std::span<const uint8_t> data; ///< names in it are whole
};

/// The records of one name and type, in the order of the file; none if there are none.
class record_set {
public:
  record_set() = default;
  record_set(uint16_t type, std::span<const uint8_t> packed) noexcept : type_(type), packed_(packed) {}

  uint16_t type() const noexcept { return type_; }
  bool empty() const noexcept { return packed_.empty(); }
  explicit operator bool() const noexcept { return !empty(); }
  /// Takes the first record off; there must be one.
  table_record take() noexcept;

private:
  uint16_t type_ = 0;
  std::span<const uint8_t> packed_;
};

/// A name of a table.
class table_name {
public:
  explicit table_name(const uint8_t* at) noexcept : at_(at) {}

  std::span<const uint8_t> key() const noexcept;
  record_set find(uint16_t type) const noexcept;
  /// All sets, one after the other: `out` is set and true returned while there are more. `at` begins with 0.
  bool next_set(size_t& at, record_set& out) const noexcept;

private:
  const uint8_t* at_;
};

/// All records of a zone (RFC 1034 section 4.2), names in canonical order, packed into one piece of memory: a record
/// takes 8 octets and its data, a name 8, its sets 10 each, and its labels. Immutable; any thread, no allocation.
class zone_table {
public:
  static constexpr uint32_t none = UINT32_MAX;

  const dns::name& apex() const noexcept { return apex_; } ///< lower-case

  /// Names, at least the apex, which is the first and may have no records.
  size_t size() const noexcept { return names_.size(); }
  table_name operator[](uint32_t position) const noexcept { return table_name{octets_.get() + names_[position]}; }

  /// The first name that is not before `key`; size() if there is none.
  uint32_t lower_bound(std::span<const uint8_t> key) const noexcept;
  uint32_t find(std::span<const uint8_t> key) const noexcept;  ///< `none`: there are no records
  bool has_below(std::span<const uint8_t> key) const noexcept; ///< names below that of `key`

  /// The zone's SOA; its owner is another name than the apex only if the file says so.
  const dns::record& soa() const noexcept { return soa_; }
  uint32_t serial() const noexcept;

  bool has_cuts() const noexcept { return has_cuts_; } ///< names that lead elsewhere: NS below the apex, DNAME
  size_t records() const noexcept { return records_; } ///< SOA included
  size_t octets() const noexcept { return size_ + names_.capacity() * sizeof(uint32_t); } ///< memory

private:
  friend class zone_builder;

  dns::name apex_;
  dns::record soa_;
  std::unique_ptr<uint8_t[]> octets_;
  size_t size_ = 0;
  std::vector<uint32_t> names_; ///< where each stands
  bool has_cuts_ = false;
  size_t records_ = 0;
};

using zone_table_ptr = std::shared_ptr<const zone_table>;

} // namespace troupe::master
