// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/query.hpp"

#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace troupe::dns {

/// An answer as it is kept and given to others: taken apart and written anew, never an upstream's octets passed
/// through. Holds only what was asked for: the chain of CNAMEs from the question's name and the record set at its end,
/// with their signatures; of the authority section what denies or proves (SOA, NSEC, NSEC3, their signatures), or NS if
/// it refers elsewhere; nothing of the additional section. Immutable; any thread.
struct kept_reply {
  /// Header, question and records, without OPT. The question's name stands at octet 12; owners equal to it point there,
  /// so that the client's spelling comes back.
  std::vector<uint8_t> image;
  std::vector<uint16_t> ttls; ///< where in the image each TTL stands
  uint32_t uncompressed = 0;  ///< octets of the image if no name in it were compressed
  uint32_t least_ttl = 0;     ///< seconds, of all records; 0 without any
  /// When the first signature expires, in seconds as they are in it: those since 1970, modulo 2^32.
  std::optional<uint32_t> signed_until;
  uint32_t signed_from = 0; ///< when the last signature begins to be valid, likewise; of no meaning without
  uint16_t rcode = 0;       ///< extended bits included
  uint8_t name_octets = 1;  ///< length of the question's name
  bool found = false;       ///< the chain ends in records of the type that was asked for
  bool nodata = false;      ///< NOERROR whose chain does not end in a record of the type that was asked for
  bool has_soa = false;     ///< in the authority section: a negative answer with it may be cached
  bool foreign_soa = false; ///< there was a SOA, but of zones that the name does not lie in: it was not kept
  bool has_ns = false;      ///< refers elsewhere
  bool edns = false;        ///< came with OPT: who sent it knows EDNS (RFC 6891 section 6.1.1)

  /// Then records may be missing, of a set too.
  bool truncated() const noexcept { return image[2] & 2; }
  size_t octets() const noexcept { return sizeof *this + image.capacity() + 2 * ttls.capacity(); }
};

using kept_reply_ptr = std::shared_ptr<const kept_reply>;

/// Why a reply is not one to `asked`. The first two are no answer at all (go on waiting), the last is one that cannot
/// be read. `other_spelling`: the question's name has capital letters, and came back with others; who varied them to
/// tell forgeries (0x20) asks once more in small letters.
enum class reply_problem : uint8_t { not_a_reply, other_question, other_spelling, malformed };

/// Limits for what upstreams send.
inline constexpr size_t max_reply_records = 4'000;
inline constexpr size_t max_chain = 64; ///< CNAMEs that are followed in one reply

/// Reads what came back for `asked` (the same question, opcode QUERY, QR set). `id`: what the header must carry. An
/// error (neither NOERROR nor NXDOMAIN) without question and records is a reply too: some say FORMERR or REFUSED that
/// way. Of a reply with TC, which may be cut anywhere, what is whole is kept. What does not fit into 65535 octets
/// when it is written anew is malformed. Thread: any.
std::variant<kept_reply_ptr, reply_problem> read_reply(std::span<const uint8_t> octets, const query& asked,
                                                       uint16_t id);

/// The header bits and question only: true if this can be the reply to `asked`. For a cheap look before reading on.
bool is_reply_to(std::span<const uint8_t> octets, const query& asked, uint16_t id) noexcept;

/// How an answer made from a kept reply is written.
struct reply_writing {
  bool authoritative = false; ///< sets AA whatever the reply says (cache hits do, as in CoreDNS)
  bool fixed_ttl = false;     ///< every TTL becomes `ttl`
  uint32_t ttl = 0;
};

/// The answer to `to` from `from`, which was kept for the same name (any spelling), type and class: ID, RD, CD and
/// spelling of the question are the asker's; RA is the reply's; AD too, but only for who sent AD or DO (RFC 6840
/// section 5.8). Writes `from.image.size()` octets into `out`; 0 if `out` is too small or the names have different
/// lengths.
size_t write_reply(const kept_reply& from, const query& to, reply_writing how, std::span<uint8_t> out) noexcept;

/// The query to an upstream: header with `id`, RD and CD of the asker, and AD whoever asks, so that an answer can be
/// given to others too (write_reply tells who sees AD); the question spelled as `asked` has it; OPT with 1232 octets
/// and the asker's DO, unless it goes to a server that understands no EDNS. No option of the client's goes on, only
/// query::upstream_options do. Returns its size, 0 if it does not fit.
size_t write_upstream_query(const query& asked, uint16_t id, std::span<uint8_t> out, bool with_opt = true) noexcept;

/// What `out` must hold for any name and options.
inline constexpr size_t max_upstream_query_octets = 300 + max_upstream_option_octets;

} // namespace troupe::dns
