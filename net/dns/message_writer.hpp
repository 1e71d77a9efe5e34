// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/message.hpp"

namespace troupe::dns {

/// Writes a message record by record, compressing names against those already written (RFC 1035 section 4.1.4). At most
/// `max_targets` places are remembered, so cost per name is bounded by its length. Only octet-equal names are
/// compressed: every name keeps its case. Thread: the caller's. No allocation.
class message_writer {
public:
  static constexpr size_t max_targets = 120;

  /// Writes into `out`, which the caller keeps; all of the functions below refuse if it cannot hold a header.
  message_writer(std::span<uint8_t> out, uint16_t id, uint16_t flags) noexcept;

  /// Each returns false, leaving the message as it was, if what it should add does not fit or is malformed. `add` sets
  /// TC then. Questions come before records, records in section order.
  bool ask(const question& q) noexcept;
  bool add(section where, const record_view& r) noexcept;

  size_t size() const noexcept { return size_; } ///< octets written
  size_t uncompressed_size() const noexcept { return size_ + saved_; }
  size_t last_ttl() const noexcept { return last_ttl_; } ///< offset of the TTL of the record added last

private:
  static constexpr size_t slots = 256; // a power of two, at least twice max_targets

  struct target {
    uint32_t hash;
    uint16_t offset; ///< 0: free
  };

  bool put(std::span<const uint8_t> octets) noexcept;
  bool put_pointer(uint16_t pointer, size_t instead_of) noexcept;
  bool put_name(name_view wire) noexcept;
  bool put_data(const record_view& r) noexcept;
  bool put_record(const record_view& r) noexcept;
  uint16_t find(uint32_t hash, name_view suffix) const noexcept;
  void remember(uint32_t hash, size_t offset) noexcept;
  bool stands_at(size_t offset, name_view suffix) const noexcept;
  void count(size_t at) noexcept;

  std::span<uint8_t> out_;
  size_t size_ = 0, at_ = 0; ///< octets that are whole; write position
  size_t saved_ = 0;         ///< octets, by pointers
  size_t last_ttl_ = 0;
  size_t targets_ = 0;
  std::array<target, slots> table_{};
};

/// Writes all of `m`. Returns the octets written; records that do not fit are left out, and TC says so.
/// 0 if not even header and questions fit.
size_t write_message(const message& m, std::span<uint8_t> out) noexcept;

} // namespace troupe::dns
