// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/protocol.hpp"
#include "net/dns/query.hpp"

namespace troupe::dns {

/// A name as the writer wants it: `labels` (length-prefixed, without root) followed by the name that stands at offset
/// `tail` of the message being written; tail 0 means that the labels are the whole name (the root label is added).
struct name_ref {
  name_view labels;
  uint16_t tail = 0;
};

/// Offset of the question's name in every response.
inline constexpr uint16_t question_offset = header_octets;

/// A reference to the question's name from octet `skip` of it on (0: the whole; the offset of a label otherwise).
/// The client's own spelling comes back this way. Where only the root is left, say `name_ref{}`.
inline name_ref in_question(size_t skip = 0) noexcept {
  return {{}, static_cast<uint16_t>(question_offset + skip)};
}

struct soa_fields {
  name_ref mname, rname;
  uint32_t serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0; ///< seconds
};

/// Writes one response to one query into a buffer of the caller's: header (ID, QR, opcode, RD copied; CD copied), the
/// question in the client's spelling, then records in section order. OPT is not written here but by `finish_response`.
/// Each record function returns false, leaving the message as it was, if the record does not fit in the buffer; TC is
/// then set, and no later record is taken, were it ever so small: the message is the whole one, cut. So a buffer of
/// `response_room` makes the answer that `finish_response` would cut out of a longer one, for less work. Owners and
/// name data of old types are compressed as the name_ref says (RFC 1035 section 4.1.4); SRV targets are written in full
/// (RFC 2782). Thread: the caller's. No allocation.
class response {
public:
  /// `out` must hold at least header and question (529 octets do).
  response(std::span<uint8_t> out, const query& q) noexcept;

  void authoritative() noexcept;
  void recursion_available() noexcept;
  void truncated() noexcept;
  void code(rcode value) noexcept; ///< low four bits only; BADVERS is finish_response's

  bool a(section where, name_ref owner, uint32_t ttl, const std::array<uint8_t, 4>& address) noexcept;
  bool aaaa(section where, name_ref owner, uint32_t ttl, const std::array<uint8_t, 16>& address) noexcept;
  /// CNAME, NS, PTR, DNAME. `written` (if wanted) receives where the target stands, for use as a tail later; a tail too
  /// far behind to be pointed at (16383) is written out again.
  bool name_data(section where, name_ref owner, rrtype type, uint32_t ttl, name_ref target,
                 uint16_t* written = nullptr) noexcept;
  bool srv(section where, name_ref owner, uint32_t ttl, uint16_t priority, uint16_t weight, uint16_t port,
           name_ref target, uint16_t* written = nullptr) noexcept;
  bool soa(section where, name_ref owner, uint32_t ttl, const soa_fields& soa) noexcept;
  bool txt(section where, name_ref owner, uint32_t ttl, std::string_view text) noexcept; ///< split at 255 octets
  /// Any other type: data as it stands, nothing in it is compressed (RFC 3597 section 4).
  bool raw(section where, name_ref owner, uint16_t type, uint16_t rrclass, uint32_t ttl,
           std::span<const uint8_t> data) noexcept;

  size_t size() const noexcept { return size_; }
  size_t room() const noexcept { return out_.size() - size_; } ///< octets that are left
  /// Octets that the message would have if no name in it were compressed: CoreDNS's idea of its size.
  size_t uncompressed_size() const noexcept { return size_ + saved_; }
  uint16_t count(section where) const noexcept;
  std::span<uint8_t> bytes() noexcept { return out_.first(size_); }

private:
  uint8_t* begin_record(name_ref owner, uint16_t type, uint16_t rrclass, uint32_t ttl) noexcept;
  bool end_record(section where, uint8_t* data, uint8_t* end) noexcept;
  uint8_t* put_name(uint8_t* at, name_ref name, bool compress) noexcept;
  size_t length_at(size_t tail) const noexcept;
  size_t length_behind(uint16_t tail) noexcept; ///< length_at, once for a set
  uint8_t* put_expanded(uint8_t* at, size_t tail, size_t octets_before) const noexcept;
  bool has_room(const uint8_t* at, size_t octets) const noexcept;

  std::span<uint8_t> out_;
  size_t size_ = 0;
  size_t behind_name_ = 0;     ///< where the question's name ends
  size_t saved_ = 0;           ///< octets that pointers stand for beyond their own
  size_t saved_by_record_ = 0; ///< by the record that is being written
  uint16_t last_tail_ = 0;     ///< that length_behind was asked for, and what it said
  size_t last_length_ = 0;
};

/// The last step for a response without OPT in `buffer[0, size)`: cuts whole records from the end until message and OPT
/// fit into `limit` octets (setting TC; RFC 2181 section 9) and appends the OPT that answers the query's (size, DO
/// echoed, extended rcode, `options` in their wire form). Returns the new size. `buffer` must have 11 octets of room
/// and those of the options behind `limit`'s worth of message; a broken message is cut to header and question.
size_t finish_response(std::span<uint8_t> buffer, size_t size, const query& q, size_t limit,
                       rcode code = rcode::noerror, std::span<const uint8_t> options = {}) noexcept;

/// How many octets a client can take: 65535 by a stream, otherwise its EDNS size but at least 512.
size_t client_limit(const query& q, protocol by) noexcept;

/// How many octets its answer may have: over UDP no more than edns::udp_most.
size_t response_limit(const query& q, protocol by) noexcept;

/// So many of those octets are for header, question and records: behind them comes the answer's OPT.
size_t response_room(const query& q, protocol by) noexcept;

/// A whole response without records for `code`: with the question if it was readable (qname_octets != 0), with OPT if
/// the query had one and `code` is not FORMERR for a broken OPT. Returns its size; `out` needs 540 octets. An opcode
/// other than QUERY is echoed with all flags clear (genreport `opcodeflg`).
size_t error_response(std::span<uint8_t> out, const query& q, rcode code) noexcept;

/// The answer to `verdict::notauth`: NOTAUTH with the unsigned TSIG record that says BADKEY (RFC 8945
/// sections 5.2.1, 5.3.2), read from `packet`, the query that `q` was parsed from. `out` needs 1100 octets; with less
/// it is error_response's.
size_t badkey_response(std::span<uint8_t> out, std::span<const uint8_t> packet, const query& q) noexcept;

/// Puts the address records of each section in random order, as CoreDNS's loadbalance does: A records change places
/// with A records, AAAA with AAAA. Only records whose owner is a mere pointer move (all but the first mention of a name
/// are), so no name that is pointed at does. `random` is the caller's generator state (one per loop, not for security).
/// A message that cannot be read is left alone. Comes before finish_response, so that what is cut varies too.
void shuffle_addresses(std::span<uint8_t> message, uint64_t& random) noexcept;

} // namespace troupe::dns
