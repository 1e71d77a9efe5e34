// SPDX-License-Identifier: Apache-2.0
#include "net/master/load_zone.hpp"
#include "net/master/zone_answer.hpp"

#include "net/dns/message.hpp"
#include "net/dns/text.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

constexpr const char* zone_text = R"($TTL 300
@ IN SOA Ns1 admin 7 7200 3600 1209600 60
@ NS ns1
@ NS ns.other.net.
@ MX 10 mail
ns1 A 192.0.2.53
mail A 192.0.2.25
mail AAAA 2001:db8::25
Www A 192.0.2.1
www 60 A 192.0.2.2
alias CNAME www
alias2 CNAME alias
loop1 CNAME loop2
loop2 CNAME loop1
out CNAME www.other.net.
tocut CNAME x.sub
b.a.ent A 192.0.2.9
*.wild A 192.0.2.77
*.wild MX 5 mail
there.wild A 192.0.2.78
y.deep.wild A 192.0.2.79
*.cwild CNAME www
x.*.entwild A 192.0.2.80
sub NS ns.sub
sub NS ns.other.net.
sub DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000001
ns.sub A 192.0.2.54
www.sub A 192.0.2.55
dn DNAME other
www.other A 192.0.2.61
same DNAME same
_sip._tcp SRV 1 2 5060 WWW
_sip._tcp SRV 1 2 5061 www
other.net. A 192.0.2.99
)";

master::zone_table_ptr load(std::string_view text, const char* apex = "example.org.") {
  const auto read = master::load_zone({text, "db", *dns::name::from_text(apex)}, {});
  if (const auto* error = std::get_if<std::string>(&read)) {
    ADD_FAILURE() << *error;
    return nullptr;
  }
  return std::get<master::zone_table_ptr>(read);
}

dns::query question(const char* name, const char* type, bool dnssec_ok = false) {
  dns::query q;
  q.flags = dns::flag::rd;
  q.qclass = 1;
  q.qtype = *dns::type_from_text(type);
  q.edns.present = q.edns.dnssec_ok = dnssec_ok;
  dns::set_name(q, dns::name::from_text(name)->wire());
  return q;
}

/// `AA NOERROR | answers | authority | additional`; the zone's name and the class are left out.
std::string shown(std::span<const uint8_t> octets) {
  const auto read = dns::read_message(octets);
  const auto* message = std::get_if<dns::message>(&read);
  if (!message)
    return "unreadable";
  std::string out = (message->flags & dns::flag::aa ? "AA " : "") + dns::rcode_text(message->flags & 15);
  for (const auto& section : message->sections) {
    out += " |";
    for (const auto& r : section)
      out += ' ' + r.owner.to_text() + ' ' + dns::type_text(r.type) + ' ' + std::to_string(r.ttl) + ' ' +
             (r.type == 6 ? "soa" : dns::data_text(r)) + ';';
  }
  for (size_t at; (at = out.find(".example.org.")) != std::string::npos;)
    out.erase(at, 13);
  for (size_t at; (at = out.find("example.org.")) != std::string::npos;)
    out.replace(at, 12, "@");
  return out;
}

std::string asked(const master::zone_table& zone, const dns::query& q) {
  master::zone_answer answer;
  master::answer_from_zone(zone, q, answer);
  if (answer.result == master::zone_result::elsewhere)
    return "elsewhere " + answer.target.to_text();
  std::vector<uint8_t> out(65535);
  size_t uncompressed = 0;
  out.resize(master::write_zone_answer(zone, q, answer, out, uncompressed));
  EXPECT_GE(uncompressed, out.size());
  return shown(out);
}

using zone_owners = std::vector<std::string>;

/// The owner of a row without the zone's name.
std::string short_name(const master::zone_table& zone, uint32_t owner) {
  const std::string name = master::name_of_key(zone[owner].key(), zone.apex()).to_text();
  return name == "example.org." ? "@" : name.substr(0, name.size() - 13);
}

} // namespace

TEST(zone, answers_as_coredns_does) {
  const auto zone = load(zone_text);
  ASSERT_TRUE(zone);
  const std::string servers = " | @ NS 300 ns1; @ NS 300 ns.other.net.; |", soa = " | @ SOA 300 soa; |",
                    denied = "AA NXDOMAIN |" + soa, nothing = "AA NOERROR |" + soa;
  const struct {
    const char *name, *type;
    std::string answer;
  } cases[] = {
    {"example.org.", "SOA", "AA NOERROR | @ SOA 300 soa;" + servers},
    {"example.org.", "NS", "AA NOERROR | @ NS 300 ns1; @ NS 300 ns.other.net.; | | ns1 A 300 192.0.2.53;"},
    {"example.org.", "MX",
     "AA NOERROR | @ MX 300 10 mail;" + servers + " mail A 300 192.0.2.25; mail AAAA 300 2001:db8::25;"},
    {"example.org.", "A", nothing},
    {"example.org.", "ANY", nothing},
    {"www.example.org.", "A", "AA NOERROR | www A 300 192.0.2.1; www A 60 192.0.2.2;" + servers},
    {"wWw.example.org.", "A", "AA NOERROR | wWw A 300 192.0.2.1; wWw A 60 192.0.2.2;" + servers},
    {"www.example.org.", "TXT", nothing},
    {"ww.example.org.", "A", denied},
    {"www0.example.org.", "A", denied},
    {"a.www.example.org.", "A", denied},
    {"alias2.example.org.", "A",
     "AA NOERROR | alias2 CNAME 300 alias; alias CNAME 300 www; www A 300 192.0.2.1; www A 60 192.0.2.2;" + servers},
    {"alias2.example.org.", "TXT", "AA NOERROR | alias2 CNAME 300 alias; alias CNAME 300 www;" + servers},
    {"alias.example.org.", "CNAME", "AA NOERROR | alias CNAME 300 www;" + servers},
    {"alias.example.org.", "NS", "elsewhere www.example.org."},
    {"out.example.org.", "A", "elsewhere www.other.net."},
    {"tocut.example.org.", "A",
     "AA NOERROR | tocut CNAME 300 x.sub; | sub NS 300 ns.sub; sub NS 300 ns.other.net.; | ns.sub A 300 192.0.2.54;"},
    {"ent.example.org.", "A", nothing},
    {"a.ent.example.org.", "A", nothing},
    {"c.ent.example.org.", "A", denied},
    {"b.a.ent.example.org.", "A", "AA NOERROR | b.a.ent A 300 192.0.2.9;" + servers},
    {"x.wild.example.org.", "A", "AA NOERROR | x.wild A 300 192.0.2.77;" + servers},
    {"x.y.wild.example.org.", "A", "AA NOERROR | x.y.wild A 300 192.0.2.77;" + servers},
    {"x.wild.example.org.", "MX",
     "AA NOERROR | x.wild MX 300 5 mail;" + servers + " mail A 300 192.0.2.25; mail AAAA 300 2001:db8::25;"},
    {"x.wild.example.org.", "TXT", nothing},
    {"*.wild.example.org.", "A", "AA NOERROR | *.wild A 300 192.0.2.77;" + servers},
    {"there.wild.example.org.", "MX", nothing},
    {"x.there.wild.example.org.", "A", denied},
    {"deep.wild.example.org.", "A", nothing}, // RFC 4592 section 2.2.2: it is there, and empty
    {"x.deep.wild.example.org.", "A", denied},
    {"wild.example.org.", "A", nothing},
    {"x.cwild.example.org.", "A",
     "AA NOERROR | x.cwild CNAME 300 www; www A 300 192.0.2.1; www A 60 192.0.2.2;" + servers},
    {"y.entwild.example.org.", "A", nothing},
    {"sub.example.org.", "A", "NOERROR | | sub NS 300 ns.sub; sub NS 300 ns.other.net.; | ns.sub A 300 192.0.2.54;"},
    {"a.www.sub.example.org.", "A",
     "NOERROR | | sub NS 300 ns.sub; sub NS 300 ns.other.net.; | ns.sub A 300 192.0.2.54;"},
    {"www.dn.example.org.", "A",
     "AA NOERROR | dn DNAME 300 other; www.dn CNAME 300 www.other; www.other A 300 192.0.2.61;" + servers},
    {"www.dn.example.org.", "CNAME", "AA NOERROR | dn DNAME 300 other; www.dn CNAME 300 www.other;" + servers},
    {"dn.example.org.", "DNAME", "AA NOERROR | dn DNAME 300 other;" + servers},
    {"dn.example.org.", "A", nothing},
    {"x.same.example.org.", "A", "AA SERVFAIL | | |"},
    {"_sip._tcp.example.org.", "SRV",
     "AA NOERROR | _sip._tcp SRV 300 1 2 5060 WWW; _sip._tcp SRV 300 1 2 5061 www;" + servers +
       " www A 300 192.0.2.1; www A 60 192.0.2.2;"},
    {"_tcp.example.org.", "SRV", nothing},
  };
  for (const auto& c : cases)
    EXPECT_EQ(asked(*zone, question(c.name, c.type)), c.answer) << c.name << ' ' << c.type;
  EXPECT_TRUE(asked(*zone, question("sub.example.org.", "DS")).starts_with("AA NOERROR | sub DS 300 "));
  EXPECT_TRUE(asked(*zone, question("sub.example.org.", "A", true)).find("sub DS 300") != std::string::npos);
  // Ten aliases, then it is enough.
  const std::string loop = asked(*zone, question("loop1.example.org.", "A"));
  EXPECT_EQ(std::count(loop.begin(), loop.end(), ';'), 12) << loop;
  const std::string label(63, 'x'),
    longest = label + '.' + label + '.' + label + '.' + label.substr(18) + ".dn.example.org.";
  EXPECT_TRUE(asked(*zone, question(longest.c_str(), "A")).starts_with("AA YXDOMAIN")) << longest.size();
}

TEST(zone, denies_with_what_a_signed_zone_has) {
  const std::string zeros = " 8 2 300 20300101000000 20200101000000 1 @ AAAA\n";
  const auto zone = load("$TTL 300\n@ SOA ns admin 1 2 3 4 5\n@ RRSIG SOA" + zeros + "@ NS ns\n@ RRSIG NS" + zeros +
                         "@ NSEC a NS SOA RRSIG NSEC\n@ RRSIG NSEC" + zeros + "a A 192.0.2.1\na RRSIG A" + zeros +
                         "a NSEC *.w A RRSIG NSEC\na RRSIG NSEC" + zeros + "*.w A 192.0.2.2\n*.w RRSIG A" + zeros +
                         "*.w NSEC @ A RRSIG NSEC\n*.w RRSIG NSEC" + zeros);
  ASSERT_TRUE(zone);
  const struct {
    const char *name, *type;
    std::vector<const char*> owners_and_types;
  } cases[] = {
    {"a.example.org.", "A", {"a A", "a RRSIG", "@ NS", "@ RRSIG"}},
    {"a.example.org.", "TXT", {"@ SOA", "@ RRSIG", "a NSEC", "a RRSIG"}},
    {"b.example.org.", "A", {"@ SOA", "@ RRSIG", "a NSEC", "a RRSIG", "@ NSEC", "@ RRSIG"}},
    {"x.w.example.org.", "A", {"x.w A", "x.w RRSIG", "@ NS", "@ RRSIG", "*.w NSEC", "*.w RRSIG"}},
    {"x.w.example.org.", "TXT", {"@ SOA", "@ RRSIG", "*.w NSEC", "*.w RRSIG"}},
    {"w.example.org.", "A", {"@ SOA", "@ RRSIG", "a NSEC", "a RRSIG"}},
  };
  for (const auto& c : cases) {
    std::string expected, found = asked(*zone, question(c.name, c.type, true));
    size_t at = 0;
    for (const char* each : c.owners_and_types) {
      const size_t next = found.find(' ' + std::string{each} + ' ', at);
      EXPECT_NE(next, std::string::npos) << c.name << ' ' << c.type << ' ' << each << '\n' << found;
      at = next == std::string::npos ? at : next + 1;
    }
    EXPECT_EQ(std::count(found.begin(), found.end(), ';'), static_cast<long>(c.owners_and_types.size())) << found;
    EXPECT_EQ(asked(*zone, question(c.name, c.type)).find("RRSIG"), std::string::npos);
  }
}

TEST(zone, proves_what_it_denies) {
  const std::string zeros = " 8 2 300 20300101000000 20200101000000 1 @ AAAA\n";
  std::string text = "$TTL 300\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\n";
  const char* nsecs[][2] = {{"@", "cut"},         {"cut", "gone.deep"},  {"gone.deep", "m.wild"}, {"m.wild", "*.out"},
                            {"*.out", "*.tocut"}, {"*.tocut", "*.wild"}, {"*.wild", "zz"},        {"zz", "@"}};
  for (const auto& each : nsecs)
    text += std::string{each[0]} + " NSEC " + each[1] + " RRSIG NSEC\n" + each[0] + " RRSIG NSEC" + zeros;
  const auto zone = load(text + "cut NS ns.cut\nns.cut A 192.0.2.1\ngone.deep DNAME elsewhere\n*.out CNAME a.test.\n"
                                "*.tocut CNAME x.cut\n*.wild A 192.0.2.2\nm.wild A 192.0.2.3\nzz A 192.0.2.4\n");
  ASSERT_TRUE(zone);
  const struct {
    const char *name, *type;
    zone_owners owners; // of NSEC
  } cases[] = {
    {"d.example.org.", "A", {"cut", "@"}},                // below the cut is a name without NSEC
    {"x.wild.example.org.", "TXT", {"*.wild", "m.wild"}}, // that the wildcard has no such data, and is meant
    {"a.wild.example.org.", "TXT", {"*.wild"}},           // both by one
    {"x.out.example.org.", "A", {"*.out"}},               // RFC 4035 section 3.1.3.3, wherever the alias leads
    {"x.tocut.example.org.", "A", {"*.tocut"}},
  };
  for (const auto& c : cases) {
    master::zone_answer answer;
    master::answer_from_zone(*zone, question(c.name, c.type, true), answer);
    zone_owners owners;
    for (const master::answer_row& row : answer.authority)
      if (row.type == 47)
        owners.push_back(short_name(*zone, row.owner));
    EXPECT_EQ(owners, c.owners) << c.name << ' ' << c.type;
  }
}

TEST(zone, goes_on_with_what_was_found_elsewhere) {
  const auto zone = load(zone_text);
  ASSERT_TRUE(zone);
  const dns::query q = question("out.example.org.", "A");
  const dns::record found{*dns::name::from_text("www.other.net."), 1, 1, 5, {192, 0, 2, 7}};
  const struct {
    dns::rcode code;
    std::vector<dns::record> records;
    const char* answer;
  } cases[] = {
    {dns::rcode::noerror,
     {found},
     "AA NOERROR | out CNAME 300 www.other.net.; www.other.net. A 5 192.0.2.7; | @ NS 300 ns1; @ NS 300 ns.other.net.; "
     "|"},
    {dns::rcode::noerror, {}, "AA NOERROR | out CNAME 300 www.other.net.; | @ SOA 300 soa; |"},
    {dns::rcode::nxdomain, {}, "AA NXDOMAIN | out CNAME 300 www.other.net.; | @ SOA 300 soa; |"},
    {dns::rcode::servfail, {}, "AA SERVFAIL | out CNAME 300 www.other.net.; | @ NS 300 ns1; @ NS 300 ns.other.net.; |"},
    {dns::rcode::refused, {}, "AA NOERROR | out CNAME 300 www.other.net.; | @ NS 300 ns1; @ NS 300 ns.other.net.; |"},
  };
  for (const auto& c : cases) {
    master::zone_answer answer;
    master::answer_from_zone(*zone, q, answer);
    ASSERT_EQ(answer.result, master::zone_result::elsewhere);
    master::finish_from_elsewhere(*zone, q, c.code, c.records, answer);
    std::vector<uint8_t> out(512);
    size_t uncompressed = 0;
    out.resize(master::write_zone_answer(*zone, q, answer, out, uncompressed));
    EXPECT_EQ(shown(out), c.answer);
  }
}

TEST(zone, cuts_what_does_not_fit) {
  std::string text = "@ 1 SOA a b 1 2 3 4 5\n";
  for (int i = 0; i < 200; ++i)
    text += "many 1 A 192.0.2." + std::to_string(i) + '\n';
  const auto zone = load(text);
  master::zone_answer answer;
  const dns::query q = question("many.example.org.", "A");
  master::answer_from_zone(*zone, q, answer);
  std::vector<uint8_t> out(512);
  size_t uncompressed = 0;
  out.resize(master::write_zone_answer(*zone, q, answer, out, uncompressed));
  const auto read = std::get<dns::message>(dns::read_message(out));
  EXPECT_TRUE(read.flags & dns::flag::tc);
  EXPECT_EQ(read[dns::section::answer].size(), (512 - 12 - 22) / 16);
}

TEST(zone, refuses_as_coredns_does) {
  const struct {
    const char *text, *error;
  } cases[] = {
    {"", "file \"db\" has no SOA record for origin example.org."},
    {"a 5 A 192.0.2.1\n", "file \"db\" has no SOA record for origin example.org."},
    {"a 5 A 192.0.2\n",
     "failed to parse file \"db\" for origin example.org. with error db: dns: bad A A: \"192.0.2\" at line: 1:13"},
    {"A 5 NSEC3PARAM 1 0 12 aabbccdd\n",
     "NSEC3 zone is not supported, dropping RR: a.example.org. for zone: example.org."},
  };
  for (const auto& c : cases) {
    const auto read = master::load_zone({c.text, "db", *dns::name::from_text("Example.org.")}, {});
    ASSERT_TRUE(std::holds_alternative<std::string>(read)) << c.text;
    EXPECT_EQ(std::get<std::string>(read), c.error);
  }
}

TEST(zone, keeps_names_in_canonical_order) {
  // RFC 4034 section 6.1's example, and labels with the octets that keys escape.
  const char* const names[] = {"@",       "a",        "yljkjljk.a", "Z.a", "zABC.a",  "z", "\\000.z",
                               "\\001.z", "\\001a.z", "\\002.z",    "*.z", "\\200.z", "zz"};
  std::string text = "$TTL 1\n@ SOA a b 1 2 3 4 5\n";
  for (auto each = std::rbegin(names); each != std::rend(names); ++each)
    text += std::string{*each} + " A 192.0.2.1\n";
  const auto zone = load(text, "example.");
  ASSERT_EQ(zone->size(), std::size(names));
  for (uint32_t i = 0; i < zone->size(); ++i) {
    const auto name = master::name_of_key((*zone)[i].key(), zone->apex());
    const auto expected = i == 0 ? zone->apex() : *dns::name::from_text(std::string{names[i]} + ".example.");
    EXPECT_EQ(name, expected) << name.to_text();
    EXPECT_EQ(zone->find(master::name_key::relative(expected.wire(), zone->apex().wire())->octets()), i);
  }
}

TEST(zone, takes_little_memory) {
  const auto zone = load("$TTL 60\n@ SOA ns admin 1 2 3 4 5\n$GENERATE 0-65535 host-$ A 192.0.2.1\n"
                         "$GENERATE 1-40000 other-$ A 192.0.2.1\n");
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->records(), 105'537u);
  EXPECT_LT(zone->octets(), zone->records() * 48);
  EXPECT_TRUE(asked(*zone, question("host-65535.example.org.", "A")).starts_with("AA NOERROR | host-65535 A 3600"));
}
