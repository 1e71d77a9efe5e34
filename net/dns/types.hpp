// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

/// Numbers of the DNS protocol (RFC 1035 section 3.2, 4.1.1; RFC 6895) and the limits that hold everywhere.
namespace troupe::dns {

inline constexpr size_t header_octets = 12;         ///< RFC 1035 section 4.1.1
inline constexpr size_t max_name_octets = 255;      ///< RFC 1035 section 2.3.4, root label included
inline constexpr size_t max_label_octets = 63;      ///< RFC 1035 section 2.3.4
inline constexpr size_t max_labels = 127;           ///< what 255 octets can hold
inline constexpr size_t min_udp_payload = 512;      ///< RFC 1035 section 2.3.4
inline constexpr size_t our_udp_payload = 1232;     ///< what we announce (DNS flag day 2020)
inline constexpr size_t max_message_octets = 65535; ///< RFC 1035 section 4.2.2: a 16-bit length

enum class rrtype : uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  hinfo = 13,
  mx = 15,
  txt = 16,
  aaaa = 28,
  srv = 33,
  naptr = 35,
  dname = 39,
  opt = 41,
  ds = 43,
  rrsig = 46,
  nsec = 47,
  dnskey = 48,
  nsec3 = 50,
  svcb = 64,
  https = 65,
  tkey = 249,
  tsig = 250,
  ixfr = 251,
  axfr = 252,
  any = 255
};

enum class rrclass : uint16_t { in = 1, ch = 3, hs = 4, none = 254, any = 255 };

enum class opcode : uint8_t { query = 0, iquery = 1, status = 2, notify = 4, update = 5 };

enum class rcode : uint16_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
  yxdomain = 6,
  notauth = 9,
  badvers = 16
};

/// Bits of the second header word (RFC 1035 section 4.1.1, RFC 4035 section 3.1.6).
namespace flag {
inline constexpr uint16_t qr = 0x8000, aa = 0x0400, tc = 0x0200, rd = 0x0100, ra = 0x0080, z = 0x0040, ad = 0x0020,
                          cd = 0x0010;
} // namespace flag

enum class section : uint8_t { answer, authority, additional };

} // namespace troupe::dns
