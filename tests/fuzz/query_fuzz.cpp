// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message.hpp"
#include "net/dns/response.hpp"
#include "net/dns/wire.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

using namespace troupe::dns;

namespace {

using octets = std::vector<uint8_t>;

void require(bool good) {
  if (!good)
    std::abort();
}

/// Every error response must be a message that a reader takes.
void check_errors(const query& q, verdict v, const octets& packet) {
  octets out(540);
  const size_t size = error_response(out, q, rcode_of(v));
  require(size >= header_octets && std::holds_alternative<message>(read_message({out.data(), size})));
  require((out[2] & 0x80) != 0 && get16(out.data()) == q.id);
  if (v != verdict::notauth)
    return;
  octets signed_out(1100);
  const size_t longer = badkey_response(signed_out, packet, q);
  require(longer > size && std::holds_alternative<message>(read_message({signed_out.data(), longer})));
}

void check_answer(const query& q, size_t limit) {
  octets out(limit + 11);
  response r(out, q);
  for (uint8_t i = 0; i < 60; ++i) {
    r.a(section::answer, in_question(), 5, {10, 0, 0, i});
    r.name_data(section::additional, name_ref{}, rrtype::ns, 5, in_question());
  }
  if (r.size() == 0)
    return;
  const size_t size = finish_response(out, r.size(), q, limit);
  require(size <= std::max(limit, size_t{q.qname_octets} + 16 + bare_opt_octets));
  require(std::holds_alternative<message>(read_message({out.data(), size})));
}

/// The records of a message as octets, sorted; nothing if it cannot be read.
std::vector<octets> records(const octets& m) {
  std::vector<octets> result;
  size_t at = header_octets;
  for (unsigned i = get16(&m[4]); i > 0; --i) {
    at = skip_name(m, at);
    if (at == 0 || m.size() - at < 4)
      return {};
    at += 4;
  }
  for (unsigned i = get16(&m[6]) + get16(&m[8]) + get16(&m[10]); i > 0; --i) {
    const auto found = find_record(m, at);
    if (!found)
      return {};
    result.emplace_back(m.begin() + static_cast<long>(at), m.begin() + static_cast<long>(found.end));
    at = found.end;
  }
  std::sort(result.begin(), result.end());
  return result;
}

/// The input as a response of someone else's: shuffling keeps the set of records, cutting stays in bounds.
void check_foreign(const query& q, octets m) {
  const auto before = records(m);
  uint64_t random = m.size();
  shuffle_addresses(m, random);
  require(records(m) == before);
  const size_t size = m.size(), limit = std::max<size_t>(size / 2, 512);
  m.resize(size + bare_opt_octets);
  require(finish_response(m, size, q, limit) <= m.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const octets packet(data, data + size);
  query q;
  const verdict v = parse_query(packet, q);
  require((v == verdict::silence) == (size < header_octets || size > max_message_octets || (data[2] & 0x80) != 0));
  if (v != verdict::silence && v != verdict::serve)
    check_errors(q, v, packet);
  if (v == verdict::serve) {
    require(name_length(q.name_as_sent()) == q.qname_octets && q.qname_hash == hash(q.name_lowered()));
    check_answer(q, 512 + size % 1000);
  }
  if (size >= header_octets && size <= max_message_octets)
    check_foreign(q, packet);
  return 0;
}
