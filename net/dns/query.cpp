// SPDX-License-Identifier: Apache-2.0
#include "net/dns/query.hpp"

#include "net/dns/edns_options.hpp"
#include "net/dns/wire.hpp"

namespace troupe::dns {

namespace {

/// Copies the question's name, in both spellings, and hashes it. Returns its octets, 0 if it is not well-formed.
size_t read_question_name(std::span<const uint8_t> packet, query& out) noexcept {
  const uint8_t* const name = packet.data() + header_octets;
  const size_t room = packet.size() - header_octets;
  size_t at = 0, labels = 0;
  for (;; ++labels) {
    if (at >= room || at >= max_name_octets)
      return 0;
    const uint8_t length = name[at];
    if (length == 0)
      break;
    if (length > max_label_octets) // a pointer too: nothing stands before it that it could mean
      return 0;
    at += size_t{1} + length;
  }
  const size_t octets = at + 1;
  lower({name, octets}, out.lowered.data());
  copy_short(out.qname.data(), name, octets);
  out.qname_hash = hash({out.lowered.data(), octets});
  out.qname_labels = static_cast<uint8_t>(labels);
  return octets;
}

/// TSIG's data as RFC 8945 section 4.2 has it, and nothing behind it.
bool is_tsig(std::span<const uint8_t> packet, const record_span& record) noexcept {
  const uint8_t* const fixed = &packet[record.fixed];
  if (get16(fixed + 2) != static_cast<uint16_t>(rrclass::any) || get32(fixed + 4) != 0)
    return false;
  auto data = packet.subspan(record.data, record.end - record.data);
  const size_t algorithm = name_length(data);
  constexpr size_t before_mac = 6 + 2 + 2, behind_mac = 2 + 2 + 2; // time, fudge, size; ID, error, other size
  if (algorithm == 0 || data.size() < algorithm + before_mac + behind_mac)
    return false;
  const size_t mac = get16(&data[algorithm + 8]);
  data = data.subspan(algorithm + before_mac);
  return data.size() >= mac + behind_mac && data.size() == mac + behind_mac + get16(&data[mac + 4]);
}

/// The serial of an SOA's data: the first of its five numbers, behind two names (RFC 1035 section 3.3.13).
std::optional<uint32_t> serial_of(std::span<const uint8_t> packet, const record_span& record) noexcept {
  constexpr size_t numbers = 5 * 4;
  name ignored;
  size_t at = read_name(packet, record.data, ignored);
  if (at != 0)
    at = read_name(packet, at, ignored);
  return at != 0 && at + numbers == record.end ? std::optional{get32(&packet[at])} : std::nullopt;
}

/// Walks over all that the header counts behind the question. False: FORMERR.
bool read_records(std::span<const uint8_t> packet, size_t at, query& out) noexcept {
  const size_t authorities = get16(&packet[8]), before_additional = get16(&packet[6]) + authorities;
  const size_t total = before_additional + get16(&packet[10]);
  for (size_t i = 0; i < total; ++i) {
    const record_span record = find_record(packet, at);
    if (!record)
      return false;
    const auto type = static_cast<rrtype>(get16(&packet[record.fixed]));
    if (type == rrtype::opt) {
      if (i < before_additional || out.edns.present || packet[record.owner] != 0) {
        out.edns.present = false; // there is no telling which one the answer's OPT would be for
        return false;
      }
      if (!read_opt(packet.subspan(record.fixed, record.end - record.fixed), out))
        return false;
    } else if (type == rrtype::tsig) {
      if (i + 1 != total || i < before_additional || !is_tsig(packet, record))
        return false;
      out.tsig_at = static_cast<uint16_t>(record.owner);
    } else if (type == rrtype::soa && out.type() == rrtype::ixfr && authorities == 1 && i + 1 == before_additional) {
      const auto serial = serial_of(packet, record);
      out.has_serial = serial.has_value();
      out.serial = serial.value_or(0);
    }
    at = record.end;
  }
  return true;
}

verdict judge(const query& q) noexcept {
  if (q.edns.present && q.edns.version != 0)
    return verdict::badvers;
  if (q.tsig_at != 0)
    return verdict::notauth;
  if (q.data_class() != static_cast<uint16_t>(rrclass::in))
    return verdict::refused;
  switch (q.type()) {
  case rrtype::opt:
  case rrtype::tsig:
    return verdict::formerr;
  case rrtype::tkey:
    return verdict::notimp;
  default:
    return verdict::serve;
  }
}

} // namespace

void set_name(query& q, name_view name) noexcept {
  q.message_octets = static_cast<uint16_t>(q.message_octets - q.qname_octets + name.size());
  lower(name, q.lowered.data());
  copy_short(q.qname.data(), name.data(), name.size());
  q.qname_octets = static_cast<uint8_t>(name.size());
  q.qname_hash = hash(q.name_lowered());
  q.qname_labels = 0;
  for (size_t at = 0; name[at] != 0; at += size_t{1} + name[at])
    ++q.qname_labels;
}

verdict parse_query(std::span<const uint8_t> packet, query& out) noexcept {
  if (packet.size() < header_octets || packet.size() > max_message_octets)
    return verdict::silence;
  const uint8_t* const header = packet.data();
  out.id = get16(header);
  out.flags = get16(header + 2);
  out.qtype = out.qclass = 0;
  out.qname_hash = 0;
  out.qname_octets = out.qname_labels = 0;
  out.message_octets = static_cast<uint16_t>(packet.size());
  out.tsig_at = 0;
  out.has_serial = false;
  out.serial = 0;
  out.edns = {};
  if (out.upstream_options) [[unlikely]] // none have been there, mostly
    out.upstream_options.reset();
  if (out.flags & flag::qr)
    return verdict::silence;
  if (out.op() != opcode::query)
    return verdict::notimp;
  if (get16(header + 4) != 1)
    return verdict::formerr;
  const size_t name_octets = read_question_name(packet, out);
  const size_t behind_name = header_octets + name_octets;
  if (name_octets == 0 || packet.size() - behind_name < 4)
    return verdict::formerr;
  out.qname_octets = static_cast<uint8_t>(name_octets);
  out.qtype = get16(header + behind_name);
  out.qclass = get16(header + behind_name + 2);
  if (!read_records(packet, behind_name + 4, out))
    return verdict::formerr;
  return judge(out);
}

} // namespace troupe::dns
