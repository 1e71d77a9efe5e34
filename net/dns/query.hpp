// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace troupe::dns {

/// What a client's OPT record said (RFC 6891 section 6.1).
struct edns {
  bool present = false;
  bool dnssec_ok = false;     ///< DO (RFC 3225)
  bool wants_nsid = false;    ///< an NSID option came (RFC 5001)
  bool has_cookie = false;    ///< a COOKIE option of legal length came (RFC 7873)
  bool has_keepalive = false; ///< edns-tcp-keepalive came (RFC 7828)
  bool has_subnet = false;    ///< a client subnet came (RFC 7871): see query::client_subnet
  uint8_t version = 0;
  uint16_t udp_payload = 0;   ///< as sent; below 512 is read as 512 (RFC 6891 section 6.2.3)
  uint16_t udp_most = 0xffff; ///< what we send by UDP at most, whatever the client says that it takes
  /// Codes of the first options that came; 0, which is nobody's: none.
  std::array<uint16_t, 8> option_codes{};

  bool sent(uint16_t code) const noexcept {
    return code != 0 && std::ranges::find(option_codes, code) != option_codes.end();
  }
};

/// One question and the facts of the message around it, copied out of the packet: nothing here points into it.
/// Fields are ordered so that what every query touches comes first.
struct query {
  uint16_t id = 0;
  uint16_t flags = 0; ///< second header word as sent
  uint16_t qtype = 0;
  uint16_t qclass = 0;         ///< as sent
  uint32_t qname_hash = 0;     ///< dns::hash of `lowered`
  uint8_t qname_octets = 0;    ///< size of the name, root included; 0: the message had no readable question
  uint8_t qname_labels = 0;    ///< without the root
  uint16_t message_octets = 0; ///< size of the whole message as it came
  uint16_t tsig_at = 0;        ///< offset of a well-formed TSIG record in the packet; 0: none came
  bool has_serial = false;     ///< IXFR with exactly one record in the authority section, an SOA (RFC 1995 section 3)
  dns::edns edns;
  uint32_t serial = 0; ///< of that SOA: what the client has
  /// Options of our own for the query to upstreams, in wire form (RFC 6891 section 6.1.2), at most
  /// max_upstream_option_octets; null: none. They are part of the question: with others it may be answered otherwise.
  std::shared_ptr<const std::vector<uint8_t>> upstream_options;
  /// With edns.has_subnet: the address of the first one, an IPv4 one as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2); else
  /// not set.
  std::array<uint8_t, 16> client_subnet;
  std::array<uint8_t, max_name_octets> lowered; ///< A-Z lowered, wire form; only qname_octets are set
  std::array<uint8_t, max_name_octets> qname;   ///< as the client spelled it; likewise

  name_view name_lowered() const noexcept { return {lowered.data(), qname_octets}; }
  name_view name_as_sent() const noexcept { return {qname.data(), qname_octets}; }
  std::span<const uint8_t> options() const noexcept {
    return upstream_options ? std::span<const uint8_t>{*upstream_options} : std::span<const uint8_t>{};
  }
  opcode op() const noexcept { return static_cast<opcode>((flags >> 11) & 15); }
  rrtype type() const noexcept { return static_cast<rrtype>(qtype); }
  /// The class of the records that answer: QCLASS ANY means each, and all that we have is IN (RFC 1035 section 3.2.5).
  uint16_t data_class() const noexcept {
    return qclass == static_cast<uint16_t>(rrclass::any) ? static_cast<uint16_t>(rrclass::in) : qclass;
  }
  /// Of a class that everybody answers; else only stages see it that say so.
  bool is_internet() const noexcept {
    return qclass == static_cast<uint16_t>(rrclass::in) || qclass == static_cast<uint16_t>(rrclass::any);
  }
  /// Asks for a whole zone, or for what changed in one (RFC 5936, RFC 1995).
  bool is_transfer() const noexcept { return type() == rrtype::axfr || type() == rrtype::ixfr; }
};

/// Of query::upstream_options: the whole query passes in one piece (RFC 9715 section 3.1).
inline constexpr size_t max_upstream_option_octets = 900;

/// Makes `q` ask for `name` (whole, in wire form): both spellings, hash, label count, and a message as much longer.
void set_name(query& q, name_view name) noexcept;

/// What is to be done with a packet that came on a listening socket.
enum class verdict : uint8_t {
  serve,   ///< a well-formed question
  silence, ///< say nothing: shorter than a header, or a response (QR=1; RUSTSEC-2023-0041: no reply loops)
  formerr, ///< RFC 1035 section 4.1.1; also QDCOUNT other than 1 (RFC 9619), two OPT (RFC 6891 section 6.1.1)
  notimp,  ///< an opcode that is not QUERY
  badvers, ///< EDNS version other than 0 (RFC 6891 section 6.1.3)
  refused, ///< a class other than IN and ANY; whoever serves it nevertheless has a well-formed question
  notauth  ///< signed with a key that we cannot know (RFC 8945 section 5.2.1); see badkey_response
};

/// What the header of the answer says for a verdict.
constexpr rcode rcode_of(verdict v) noexcept {
  constexpr std::array<rcode, 7> codes{rcode::noerror, rcode::servfail, rcode::formerr, rcode::notimp,
                                       rcode::badvers, rcode::refused,  rcode::notauth};
  return codes[static_cast<size_t>(v)];
}

/// Reads a packet into `out`. What it refuses, and why:
///   * FORMERR: QDCOUNT other than 1 (RFC 9619); a pointer or an unknown label type in the question's name (there is
///   nothing
///     before it to point at); counts that promise records that are not there; OPT anywhere but once, in the additional
///     section, owned by the root (RFC 6891 section 6.1.1); options longer than their OPT; COOKIE of illegal length
///     (RFC 7873 section 5.2.2); malformed client subnet (RFC 7871 section 6); TSIG not last or malformed (RFC 8945
///     section 5.2); QTYPE OPT or TSIG, which are no questions (RFC 6895 section 3.1).
///   * NOTIMP: any opcode but QUERY; QTYPE TKEY (RFC 2930).
///   * BADVERS before REFUSED; REFUSED for classes other than IN and ANY.
/// AA, TC, RA, Z and AD are ignored; so are octets behind the last counted record, other types in any section, and
/// unknown options. Bounds are checked before each read, compression pointers are followed without recursion and only
/// backwards, cost is linear in the packet. For every verdict but `serve` and `silence` as much of `out` is set as the
/// error response needs (see error_response). Thread: any; no allocation.
verdict parse_query(std::span<const uint8_t> packet, query& out) noexcept;

} // namespace troupe::dns
