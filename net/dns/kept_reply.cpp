// SPDX-License-Identifier: Apache-2.0
#include "net/dns/kept_reply.hpp"

#include "net/dns/message_writer.hpp"
#include "net/dns/reply_records.hpp"
#include "net/dns/wire.hpp"

#include <algorithm>

namespace troupe::dns {

namespace {

constexpr uint16_t opcode_bits = 0x7800, rcode_bits = 15;
constexpr uint32_t most_ttl = 0x7fffffff;

/// On the heap: what is thread-local itself is taken from every thread's stack.
thread_local const auto scratch = std::make_unique_for_overwrite<uint8_t[]>(max_message_octets);

bool is_reply(std::span<const uint8_t> octets, uint16_t id) noexcept {
  return octets.size() >= header_octets && get16(&octets[0]) == id &&
         (get16(&octets[2]) & (flag::qr | opcode_bits)) == flag::qr;
}

/// Who cannot read a question, or does not want to, may say so without it.
bool is_bare_error(std::span<const uint8_t> octets, const query& asked) noexcept {
  const auto code = static_cast<rcode>(get16(&octets[2]) & rcode_bits);
  return asked.qname_octets != 0 && !(get16(&octets[2]) & flag::tc) && code != rcode::noerror &&
         code != rcode::nxdomain && get16(&octets[4]) == 0 && get16(&octets[6]) == 0 && get16(&octets[8]) == 0;
}

enum class same_question : uint8_t { no, but_for_case, yes };

/// Case means nothing (RFC 4343 section 3), unless the asker varied it.
same_question compare_question(std::span<const uint8_t> octets, const query& asked) noexcept {
  const size_t behind_name = header_octets + asked.qname_octets;
  if (asked.qname_octets == 0 || octets.size() < behind_name + 4 || get16(&octets[4]) != 1 ||
      get16(&octets[behind_name]) != asked.qtype)
    return same_question::no;
  const uint16_t rrclass = get16(&octets[behind_name + 2]);
  if (rrclass != asked.data_class() && rrclass != asked.qclass) // class ANY comes back from our own stages
    return same_question::no;
  const name_view sent = asked.name_as_sent(), came = octets.subspan(header_octets, asked.qname_octets);
  if (std::equal(sent.begin(), sent.end(), came.begin()))
    return same_question::yes;
  if (!equal(sent, came))
    return same_question::no;
  return std::ranges::equal(sent, asked.name_lowered()) ? same_question::yes : same_question::but_for_case;
}

const record_view* opt_of(const message_view& m) noexcept {
  for (const auto& r : m[section::additional])
    if (r.type == static_cast<uint16_t>(rrtype::opt))
      return &r;
  return nullptr;
}

/// The upper eight bits of the rcode (RFC 6891 section 6.1.3).
uint16_t extended_rcode(const record_view* opt) noexcept {
  return opt ? static_cast<uint16_t>(opt->ttl >> 24 << 4) : 0;
}

/// Whether `a` is before `b`, in the arithmetic of serial numbers (RFC 4034 section 3.1.5).
bool before(uint32_t a, uint32_t b) noexcept {
  return static_cast<int32_t>(a - b) < 0;
}

void note_validity(kept_reply& kept, const record_view& r) noexcept {
  constexpr size_t expiration_offset = 8, inception_offset = 12; // RFC 4034 section 3.1
  if (r.type != static_cast<uint16_t>(rrtype::rrsig) || r.data.size() < inception_offset + 4)
    return;
  const uint32_t until = get32(&r.data[expiration_offset]), from = get32(&r.data[inception_offset]);
  if (!kept.signed_until || before(kept.signed_from, from))
    kept.signed_from = from;
  if (!kept.signed_until || before(until, *kept.signed_until))
    kept.signed_until = until;
}

/// Puts together what is kept of `m`. Null if it does not fit in a message: written anew, names that must not be
/// compressed (RFC 3597 section 4) may make it longer than it came.
kept_reply_ptr keep(const message_view& m, const query& asked) {
  const reply_records chosen = select_records(m, asked);
  const record_view* const opt = opt_of(m);
  auto kept = std::make_shared<kept_reply>();
  kept->rcode = static_cast<uint16_t>((m.flags & rcode_bits) | extended_rcode(opt));
  kept->name_octets = asked.qname_octets;
  kept->edns = opt != nullptr;
  kept->has_soa = chosen.has_soa;
  kept->has_ns = chosen.has_ns;
  kept->foreign_soa = chosen.foreign_soa;
  kept->found = chosen.found;
  kept->nodata = kept->rcode == 0 && !chosen.found && !(m.flags & flag::tc);

  constexpr uint16_t kept_flags = flag::qr | flag::aa | flag::tc | flag::ra | flag::ad | rcode_bits;
  message_writer writer({scratch.get(), max_message_octets}, 0, m.flags & kept_flags);
  const question asked_for{*name::from_wire(asked.name_as_sent()), asked.qtype, asked.data_class()};
  writer.ask(asked_for);
  kept->ttls.reserve(chosen.answer.size() + chosen.authority.size());
  bool fits = true;
  uint32_t least_ttl = UINT32_MAX;
  name_view known = asked_for.owner.wire(); // equal to that
  const auto add = [&](section where, const std::vector<bool>& wanted) {
    for (size_t i = 0; i < wanted.size() && fits; ++i) {
      if (!wanted[i])
        continue;
      record_view r = m[where][i];
      r.ttl = std::min(r.ttl, most_ttl); // RFC 8767 section 4
      if (same(r.owner, known)) {
        known = r.owner;
        r.owner = asked_for.owner.wire();
      }
      least_ttl = std::min(least_ttl, r.ttl);
      note_validity(*kept, r);
      fits = writer.add(where, r);
      kept->ttls.push_back(static_cast<uint16_t>(writer.last_ttl()));
    }
  };
  add(section::answer, chosen.answer);
  add(section::authority, chosen.authority);
  if (!fits)
    return nullptr;
  kept->image.assign(scratch.get(), scratch.get() + writer.size());
  kept->uncompressed = static_cast<uint32_t>(writer.uncompressed_size());
  kept->ttls.shrink_to_fit();
  kept->least_ttl = kept->ttls.empty() ? 0 : least_ttl;
  return kept;
}

} // namespace

bool is_reply_to(std::span<const uint8_t> octets, const query& asked, uint16_t id) noexcept {
  return is_reply(octets, id) &&
         (compare_question(octets, asked) == same_question::yes || is_bare_error(octets, asked));
}

std::variant<kept_reply_ptr, reply_problem> read_reply(std::span<const uint8_t> octets, const query& asked,
                                                       uint16_t id) {
  if (!is_reply(octets, id))
    return reply_problem::not_a_reply;
  if (const auto same = compare_question(octets, asked); same != same_question::yes && !is_bare_error(octets, asked))
    return same == same_question::no ? reply_problem::other_question : reply_problem::other_spelling;
  const bool too_many = size_t{get16(&octets[6])} + get16(&octets[8]) + get16(&octets[10]) > max_reply_records;
  message_view m;
  m.flags = get16(&octets[2]);
  if (m.flags & flag::tc) {
    if (!too_many)
      m = view_cut_message(octets);
  } else {
    if (too_many)
      return reply_problem::malformed;
    auto read = view_message(octets);
    if (!std::holds_alternative<message_view>(read))
      return reply_problem::malformed;
    m = std::move(std::get<message_view>(read));
  }
  if (auto kept = keep(m, asked))
    return kept;
  return reply_problem::malformed;
}

size_t write_reply(const kept_reply& from, const query& to, reply_writing how, std::span<uint8_t> out) noexcept {
  const size_t size = from.image.size();
  if (out.size() < size || from.name_octets != to.qname_octets)
    return 0;
  uint8_t* const p = out.data();
  std::memcpy(p, from.image.data(), size);
  uint16_t flags = static_cast<uint16_t>(get16(p + 2) | (to.flags & (flag::rd | flag::cd)));
  if (how.authoritative)
    flags |= flag::aa;
  // RFC 6840 section 5.8: only for who asked for it, and this reply may have been got for another.
  if (!(to.flags & flag::ad) && !to.edns.dnssec_ok)
    flags &= static_cast<uint16_t>(~flag::ad);
  put16(put16(p, to.id), flags);
  copy_short(p + header_octets, to.qname.data(), to.qname_octets);
  put16(p + header_octets + to.qname_octets + 2, to.qclass);
  if (how.fixed_ttl)
    for (const uint16_t at : from.ttls)
      put32(p + at, how.ttl);
  return size;
}

size_t write_upstream_query(const query& asked, uint16_t id, std::span<uint8_t> out, bool with_opt) noexcept {
  const auto options = with_opt ? asked.options() : std::span<const uint8_t>{};
  const size_t needed = header_octets + asked.qname_octets + 4 + (with_opt ? bare_opt_octets + options.size() : 0);
  if (out.size() < needed)
    return 0;
  uint8_t* p = put16(put16(out.data(), id), (asked.flags & (flag::rd | flag::cd)) | flag::ad);
  p = put16(put32(put16(p, 1), 0), with_opt ? 1 : 0);
  p = put_octets(p, asked.name_as_sent());
  p = put16(put16(p, asked.qtype), asked.data_class());
  if (with_opt) {
    *p++ = 0; // the root owns it (RFC 6891 section 6.1.2)
    p = put16(put16(p, static_cast<uint16_t>(rrtype::opt)), our_udp_payload);
    p = put16(put32(p, asked.edns.dnssec_ok ? 0x8000 : 0), static_cast<uint16_t>(options.size()));
    put_octets(p, options);
  }
  return needed;
}

} // namespace troupe::dns
