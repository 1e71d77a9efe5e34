// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message_writer.hpp"
#include "net/dns/response.hpp"

#include "difference.hpp"
#include "packets.hpp"
#include "random_message.hpp"

#include <gtest/gtest.h>
#include <ldns/ldns.h>

#include <memory>

using namespace troupe::dns;
using namespace troupe::dns::test;

// ldns (NLnet Labs) knows nothing of our code: what both read the same way is not read wrong for the same reason.
namespace {

struct free_packet {
  void operator()(ldns_pkt* p) const { ldns_pkt_free(p); }
};
using packet_ptr = std::unique_ptr<ldns_pkt, free_packet>;

packet_ptr ldns_read(std::span<const uint8_t> wire, ldns_status& status) {
  ldns_pkt* packet = nullptr;
  status = ldns_wire2pkt(&packet, wire.data(), wire.size());
  return packet_ptr(status == LDNS_STATUS_OK ? packet : nullptr);
}

octets ldns_write(const ldns_pkt* packet) {
  uint8_t* wire = nullptr;
  size_t size = 0;
  if (ldns_pkt2wire(&wire, packet, &size) != LDNS_STATUS_OK)
    return {};
  octets result(wire, wire + size);
  free(wire);
  return result;
}

message parsed(const octets& wire) {
  auto result = read_message(wire);
  if (const auto* error = std::get_if<message_error>(&result))
    ADD_FAILURE() << error->what << " at " << error->at;
  return std::get<message>(std::move(result));
}

// Those that ldns keeps as they came; it rejects random data in some of the others.
const std::vector<uint16_t> common_types = {1, 2, 5, 6, 12, 13, 14, 15, 16, 17, 18, 21, 26, 28, 33, 35, 36, 39, 65280};

} // namespace

TEST(ldns, reads_what_we_write_and_writes_what_we_read) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    // ldns compresses names that differ in case, so it does not keep case.
    const message original = random_message(seed, false).make(12, common_types);
    octets wire(max_message_octets);
    wire.resize(write_message(original, wire));
    ldns_status status;
    const auto packet = ldns_read(wire, status);
    ASSERT_TRUE(packet) << "seed " << seed << ": " << ldns_get_errorstr_by_id(status);
    ASSERT_EQ(difference(original, parsed(ldns_write(packet.get()))), "") << "seed " << seed;
  }
}

TEST(ldns, reads_our_responses) {
  const query q = asked("Web.default.svc.cluster.local.", 255, 1232);
  octets wire(1232);
  response r(wire, q);
  r.authoritative();
  const octets target = wire_name("pod-1.");
  uint16_t tail = 0;
  r.a(section::answer, in_question(), 5, {10, 0, 0, 1});
  r.aaaa(section::answer, in_question(), 5, {0x20, 1});
  r.srv(section::answer, in_question(), 5, 0, 100, 80, {name_view{target}.first(6), question_offset}, &tail);
  r.txt(section::answer, in_question(), 5, "1.1.0");
  r.soa(section::authority, in_question(16), 5,
        {{name_view{target}.first(6), static_cast<uint16_t>(question_offset + 16)}, in_question(16), 1, 2, 3, 4, 5});
  r.a(section::additional, {{}, tail}, 5, {10, 0, 0, 2});
  wire.resize(finish_response(wire, r.size(), q, 1232));
  ldns_status status;
  const auto packet = ldns_read(wire, status);
  ASSERT_TRUE(packet) << ldns_get_errorstr_by_id(status);
  EXPECT_EQ(ldns_pkt_ancount(packet.get()), 4);
  EXPECT_TRUE(ldns_pkt_edns(packet.get()));
  EXPECT_EQ(ldns_pkt_edns_udp_size(packet.get()), our_udp_payload);
  EXPECT_EQ(difference(parsed(wire), parsed(ldns_write(packet.get()))), "");
}

TEST(ldns, queries_are_served) {
  struct {
    const char* name;
    ldns_rr_type type;
    bool edns;
  } cases[] = {{"cluster.local.", LDNS_RR_TYPE_SOA, false},
               {"_http._tcp.web.default.svc.cluster.local.", LDNS_RR_TYPE_SRV, true},
               {"1.0.0.10.in-addr.arpa.", LDNS_RR_TYPE_PTR, true},
               {".", LDNS_RR_TYPE_NS, false}};
  for (auto& c : cases) {
    ldns_pkt* made = nullptr;
    ASSERT_EQ(ldns_pkt_query_new_frm_str(&made, c.name, c.type, LDNS_RR_CLASS_IN, LDNS_RD), LDNS_STATUS_OK);
    const packet_ptr packet(made);
    if (c.edns)
      ldns_pkt_set_edns_udp_size(made, 4096);
    query q;
    EXPECT_EQ(parse_query(ldns_write(made), q), verdict::serve) << c.name;
    EXPECT_EQ(to_text(q.name_as_sent()), c.name);
    EXPECT_EQ(q.qtype, c.type);
    EXPECT_EQ(q.edns.present, c.edns);
  }
}
