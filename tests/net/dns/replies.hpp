// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/message_writer.hpp"
#include "net/dns/text.hpp"
#include "packets.hpp"

#include <arpa/inet.h>
#include <sstream>

/// Replies of other servers for tests, from rows of text.
namespace troupe::dns::test {

using rows = std::vector<std::string>;

/// `owner ttl TYPE data` (or `owner ttl CH TYPE data`). Data: of A and AAAA an address; of CNAME, DNAME, NS, NSEC and
/// SOA one name; of RRSIG the type that is signed, the signer and, if it matters, when it expires and begins.
inline record record_from(const std::string& row) {
  std::istringstream words(row);
  std::string owner, type, data;
  record r;
  words >> owner >> r.ttl >> type;
  if (type == "CH") {
    r.rrclass = 3;
    words >> type;
  }
  words >> data;
  r.owner = name::from_text(owner).value();
  r.type = type_from_text(type).value();
  if (type == "A") {
    r.data.resize(4);
    inet_pton(AF_INET, data.c_str(), r.data.data());
  } else if (type == "AAAA") {
    r.data.resize(16);
    inet_pton(AF_INET6, data.c_str(), r.data.data());
  } else if (type == "RRSIG") {
    std::string signer;
    uint32_t expires = 0, begins = 0;
    words >> signer >> expires;
    if (!(words >> begins))
      begins = expires - 86'400;
    r.data = be16(type_from_text(data).value()) + repeat(0, 6) + be16(expires >> 16) + be16(expires & 0xffff) +
             be16(begins >> 16) + be16(begins & 0xffff) + repeat(0, 2) + wire_name(signer) + repeat(0x5a, 8);
  } else if (type == "SOA") {
    r.data = wire_name(data) + wire_name("host." + data) + repeat(0, 20);
  } else {
    r.data = wire_name(data);
  }
  return r;
}

/// A whole reply to `q` in the spelling it has, written by the message writer.
inline octets reply_to(const query& q, uint16_t id, unsigned flags, const rows& answer, const rows& authority = {},
                       const rows& additional = {}) {
  message m;
  m.id = id;
  m.flags = static_cast<uint16_t>(flag::qr | flags);
  m.questions.push_back({*name::from_wire(q.name_as_sent()), q.qtype, q.qclass});
  const rows* const sections[] = {&answer, &authority, &additional};
  for (size_t i = 0; i < 3; ++i)
    for (const auto& row : *sections[i])
      m.sections[i].push_back(record_from(row));
  octets out(max_message_octets);
  out.resize(write_message(m, out));
  return out;
}

} // namespace troupe::dns::test
