// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message.hpp"
#include "net/master/load_zone.hpp"
#include "net/master/zone_answer.hpp"

#include <cstdlib>

using namespace troupe;

namespace {

void check_answer(const master::zone_table& zone, const dns::name& name, uint16_t type, bool dnssec_ok, size_t room) {
  dns::query q;
  q.qclass = 1;
  q.qtype = type;
  q.edns.dnssec_ok = dnssec_ok;
  dns::set_name(q, name.wire());
  static master::zone_answer answer; // used again, as a stage does
  master::answer_from_zone(zone, q, answer);
  if (answer.result == master::zone_result::elsewhere)
    master::finish_from_elsewhere(zone, q, dns::rcode::nxdomain, {}, answer);
  std::vector<uint8_t> out(room);
  size_t uncompressed = 0;
  const size_t octets = master::write_zone_answer(zone, q, answer, out, uncompressed);
  if (octets == 0 || octets > room || uncompressed < octets ||
      !std::holds_alternative<dns::message_view>(dns::view_message(std::span{out}.first(octets))))
    std::abort();
}

} // namespace

/// Octets as a master file. If they make a zone its names are in order and found, and questions for them, names below
/// and above them get messages that can be read, as long as there is room.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text = "@ 60 SOA ns admin 1 2 3 4 5\n";
  text.append(reinterpret_cast<const char*>(data), size);
  const auto read = master::load_zone({text, "fuzz.db", *dns::name::from_text("example.org.")}, [](const std::string&) {
    return std::variant<std::string, std::string>{std::in_place_index<1>, "nothing is read here"};
  });
  const auto* zone = std::get_if<master::zone_table_ptr>(&read);
  if (!zone)
    return 0;
  const master::zone_table& table = **zone;
  for (uint32_t i = 0; i < table.size() && i < 64; ++i) {
    const auto key = table[i].key();
    if (table.find(key) != i || (i > 0 && !master::key_less(table[i - 1].key(), key)))
      std::abort();
    dns::name name = master::name_of_key(key, table.apex());
    for (const uint16_t type : {1, 2, 5, 6, 15, 16, 33, 39, 43, 46, 47, 64, 255})
      check_answer(table, name, type, i % 2 == 0, i % 3 == 0 ? 512 : 65535);
    if (name.prepend("x"))
      check_answer(table, name, 1, true, 512);
    const auto parent = name.wire().subspan(i % 2 == 0 ? 0 : size_t{1} + name.wire()[0]);
    check_answer(table, *dns::name::from_wire(parent), 15, false, 1232);
  }
  return 0;
}
