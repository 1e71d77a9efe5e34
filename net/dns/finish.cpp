// SPDX-License-Identifier: Apache-2.0
#include "net/dns/response.hpp"
#include "net/dns/wire.hpp"

#include <algorithm>

namespace troupe::dns {

namespace {

constexpr size_t max_udp_data = 65507; // what an IPv4 datagram can carry; more would be EMSGSIZE and no answer at all
constexpr uint16_t badkey = 17;        // RFC 8945 section 3

/// Offset behind the question section, 0 if it cannot be read.
size_t behind_questions(std::span<const uint8_t> message) noexcept {
  size_t at = header_octets;
  for (unsigned i = get16(&message[4]); i > 0; --i) {
    at = skip_name(message, at);
    if (at == 0 || message.size() - at < 4)
      return 0;
    at += 4;
  }
  return at;
}

/// Keeps the first records that end at or before `limit` and sets the counts accordingly. Returns the new size.
size_t cut(std::span<uint8_t> message, size_t limit) noexcept {
  std::array<uint16_t, 3> kept{};
  size_t at = behind_questions(message);
  if (at == 0) {
    put16(&message[4], 0);
    at = header_octets;
    limit = 0;
  }
  bool open = true;
  for (size_t where = 0; open && where < kept.size(); ++where)
    for (unsigned i = get16(&message[6 + 2 * where]); i > 0; --i) {
      const record_span record = find_record(message, at);
      open = record && record.end <= limit;
      if (!open) {
        if (!record) { // not ours to mend: header and question are all that is sure
          kept = {};
          at = behind_questions(message);
        }
        break;
      }
      at = record.end;
      ++kept[where];
    }
  for (size_t where = 0; where < kept.size(); ++where)
    put16(&message[6 + 2 * where], kept[where]);
  message[2] |= flag::tc >> 8;
  return at;
}

void set_rcode(uint8_t* header, rcode code) noexcept {
  header[3] = static_cast<uint8_t>((header[3] & 0xf0) | (static_cast<uint16_t>(code) & 15));
}

void count_additional(uint8_t* header) noexcept {
  put16(header + 10, static_cast<uint16_t>(get16(header + 10) + 1));
}

/// RFC 6891 section 6.1.2, 6.1.3.
size_t append_opt(std::span<uint8_t> buffer, size_t size, const query& q, rcode code,
                  std::span<const uint8_t> options) noexcept {
  uint8_t* p = buffer.data() + size;
  *p++ = 0;
  p = put16(p, static_cast<uint16_t>(rrtype::opt));
  p = put16(p, our_udp_payload);
  *p++ = static_cast<uint8_t>(static_cast<uint16_t>(code) >> 4);
  *p++ = 0;
  p = put16(p, q.edns.dnssec_ok ? 0x8000 : 0);
  p = put16(p, static_cast<uint16_t>(options.size()));
  std::ranges::copy(options, p);
  count_additional(buffer.data());
  return size + bare_opt_octets + options.size();
}

} // namespace

size_t finish_response(std::span<uint8_t> buffer, size_t size, const query& q, size_t limit, rcode code,
                       std::span<const uint8_t> options) noexcept {
  if (size < header_octets || size > buffer.size())
    return 0;
  const size_t reserved = q.edns.present ? bare_opt_octets + options.size() : 0;
  const size_t most = std::min(limit, buffer.size());
  if (size + reserved > most)
    size = cut(buffer.first(size), most > reserved ? most - reserved : 0);
  if (code != rcode::noerror)
    set_rcode(buffer.data(), code);
  if (!q.edns.present || buffer.size() - size < reserved)
    return size;
  return append_opt(buffer, size, q, code, options);
}

size_t client_limit(const query& q, protocol by) noexcept {
  if (by == protocol::tcp)
    return max_message_octets;
  if (!q.edns.present)
    return min_udp_payload;
  return std::clamp<size_t>(q.edns.udp_payload, min_udp_payload, max_udp_data);
}

size_t response_limit(const query& q, protocol by) noexcept {
  const size_t takes = client_limit(q, by);
  return by == protocol::tcp ? takes : std::min<size_t>(takes, q.edns.udp_most);
}

size_t response_room(const query& q, protocol by) noexcept {
  return response_limit(q, by) - (q.edns.present ? bare_opt_octets : 0);
}

size_t error_response(std::span<uint8_t> out, const query& q, rcode code) noexcept {
  response writer(out, q);
  writer.code(code);
  return finish_response(out, writer.size(), q, min_udp_payload, code);
}

size_t badkey_response(std::span<uint8_t> out, std::span<const uint8_t> packet, const query& q) noexcept {
  const size_t size = error_response(out, q, rcode::notauth);
  const record_span tsig = find_record(packet, q.tsig_at);
  name key;
  if (size == 0 || !tsig || read_name(packet, tsig.owner, key) == 0)
    return size;
  const auto data = packet.subspan(tsig.data, tsig.end - tsig.data);
  const size_t algorithm = name_length(data);
  constexpr size_t time_and_fudge = 8, rest = 8; // MAC size 0; original ID, error, size of other data
  const size_t data_octets = algorithm + time_and_fudge + rest;
  if (algorithm == 0 || data.size() < algorithm + time_and_fudge ||
      out.size() - size < key.size() + record_fixed_octets + data_octets)
    return size;
  uint8_t* p = put_octets(out.data() + size, key.wire());
  p = put16(put16(p, static_cast<uint16_t>(rrtype::tsig)), static_cast<uint16_t>(rrclass::any));
  p = put16(put32(p, 0), static_cast<uint16_t>(data_octets));
  p = put_octets(p, data.first(algorithm + time_and_fudge));
  p = put16(put16(put16(put16(p, 0), q.id), badkey), 0);
  count_additional(out.data());
  return static_cast<size_t>(p - out.data());
}

} // namespace troupe::dns
