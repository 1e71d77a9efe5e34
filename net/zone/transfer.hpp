// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/response.hpp"
#include "net/zone/zone_records.hpp"

namespace troupe::zone {

/// The answer to AXFR or IXFR: messages full of the records of a zone, its SOA first and last (RFC 5936 section 2.2).
/// An IXFR is answered with the whole zone too (RFC 1995 section 4), or with the SOA alone if the client has this
/// serial or a newer one (section 2). Pure: no sockets, no clock. Thread: the loop's.
class transfer {
public:
  /// CoreDNS's bound for the records of one message, counted uncompressed.
  static constexpr size_t max_message = 63'000;

  struct piece {
    size_t octets = 0;       ///< of the message, 0: none yet
    size_t uncompressed = 0; ///< what it would have without compression, and without OPT: what is counted
    bool last = false;
  };

  /// `asked`: an AXFR or IXFR for the zone itself; copied.
  transfer(const dns::query& asked, std::unique_ptr<zone_records> from) : asked_(asked), from_(std::move(from)) {}

  /// Writes the next message into `out` (which has room for 65535 octets), or does a part of the work before it.
  piece next(std::span<uint8_t> out);

  uint32_t serial() const noexcept { return authority_.serial; } ///< once next() was called
  size_t records() const noexcept { return records_; }           ///< sent so far, both SOAs counted
  bool up_to_date() const noexcept { return up_to_date_; }       ///< the SOA was all there was to say

private:
  struct message;

  bool ready(size_t& steps);
  void write(message& to, const zone_record& record) noexcept;
  void write_soa(message& to) noexcept;

  dns::query asked_;
  std::unique_ptr<zone_records> from_;
  zone_authority authority_;
  zone_record held_; ///< the next to be written
  bool holds_ = false, ended_ = false;
  bool begun_ = false, up_to_date_ = false;
  size_t records_ = 0;
};

} // namespace troupe::zone
