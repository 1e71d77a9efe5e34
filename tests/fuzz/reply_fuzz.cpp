// SPDX-License-Identifier: Apache-2.0
#include "net/dns/kept_reply.hpp"
#include "net/dns/message.hpp"
#include "net/dns/wire.hpp"

#include <algorithm>
#include <cstdlib>

using namespace troupe::dns;

namespace {

void require(bool good) {
  if (!good)
    std::abort();
}

/// The query that the input would be a reply to; nothing if no query has such a question.
bool asked_by(std::span<const uint8_t> reply, query& out) {
  if (reply.size() < header_octets)
    return false;
  std::vector<uint8_t> packet(reply.begin(), reply.end());
  put16(&packet[2], flag::rd);
  put32(&packet[6], 0);
  put16(&packet[10], 0);
  return parse_query(packet, out) == verdict::serve;
}

/// Every name that the kept aliases lead to from the question's.
std::vector<name> chain_of(const message& m) {
  std::vector<name> names{m.questions[0].owner};
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& r : m[section::answer]) {
      if (r.type != static_cast<uint16_t>(rrtype::cname) ||
          std::find(names.begin(), names.end(), r.owner) == names.end())
        continue;
      const auto target = name::from_wire(r.data);
      require(target.has_value());
      if (std::find(names.begin(), names.end(), *target) == names.end()) {
        names.push_back(*target);
        grown = true;
      }
    }
  }
  return names;
}

bool below_any(const std::vector<name>& names, const record& r) {
  return std::any_of(names.begin(), names.end(), [&](const name& n) { return is_subdomain(n.wire(), r.owner.wire()); });
}

void check_names(const message& m) {
  const auto chain = chain_of(m);
  for (const auto& r : m[section::answer]) {
    const bool dname = r.type == static_cast<uint16_t>(rrtype::dname) || r.type == static_cast<uint16_t>(rrtype::rrsig);
    require(std::find(chain.begin(), chain.end(), r.owner) != chain.end() || (dname && below_any(chain, r)));
  }
  for (const auto& r : m[section::authority]) {
    require(r.rrclass == m.questions[0].rrclass);
    const auto type = static_cast<rrtype>(r.type);
    if (type == rrtype::soa || type == rrtype::ns)
      require(below_any(chain, r));
    else
      require(type == rrtype::nsec || type == rrtype::nsec3 || type == rrtype::rrsig);
  }
  require(m[section::additional].empty());
}

} // namespace

/// What is kept of any octets can be read again, has only names that were asked for, and is written as an answer.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static query asked;
  if (!asked_by({data, size}, asked))
    return 0;
  auto read = read_reply({data, size}, asked, asked.id);
  require(is_reply_to({data, size}, asked, asked.id) ==
          (!std::holds_alternative<reply_problem>(read) || std::get<reply_problem>(read) == reply_problem::malformed));
  auto* const kept = std::get_if<kept_reply_ptr>(&read);
  if (kept == nullptr)
    return 0;
  const kept_reply& reply = **kept;
  require(reply.image.size() <= max_message_octets);
  auto image = read_message(reply.image);
  require(std::holds_alternative<message>(image));
  const auto& m = std::get<message>(image);
  const size_t records = m[section::answer].size() + m[section::authority].size();
  require(reply.ttls.size() == records);
  check_names(m);
  uint32_t least = records == 0 ? 0 : UINT32_MAX;
  for (const uint16_t at : reply.ttls)
    least = std::min(least, get32(&reply.image[at]));
  require(least == reply.least_ttl && least < 0x80000000);

  std::vector<uint8_t> out(reply.image.size());
  require(write_reply(reply, asked, {.fixed_ttl = true, .ttl = 7}, out) == out.size());
  auto answer = read_message(out);
  require(std::holds_alternative<message>(answer));
  for (const auto& section : std::get<message>(answer).sections)
    for (const auto& r : section)
      require(r.ttl == 7);
  return 0;
}
