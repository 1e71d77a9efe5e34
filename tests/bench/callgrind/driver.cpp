// SPDX-License-Identifier: Apache-2.0
// Runs each step of a query many times between two marks for callgrind, which counts instructions; see run beside it.
// Prints `STEP REPETITIONS` per step, and ends with status 1 if an answer is not what it should be.
#include "../cluster.hpp"
#include "net/cache_table.hpp"

#include <valgrind/callgrind.h>

#include <sys/types.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_map>

/// Takes the place of libc's: dns::hash draws its key with it, and counts can only be compared under the same key.
extern "C" ssize_t getrandom(void* to, size_t size, unsigned) {
  std::memset(to, 0x5a, size);
  return static_cast<ssize_t>(size);
}

using namespace troupe;

namespace {

constexpr size_t questions_per_step = 1000;
constexpr uint16_t edns_octets = 1232;

using packet = std::vector<uint8_t>;
using buffer = std::array<uint8_t, 2048>;

[[noreturn]] void fail(const char* step, const char* what) {
  std::fprintf(stderr, "%s: %s\n", step, what);
  std::exit(1);
}

/// `once(i)` for each question, first unmeasured (what is made on first use is made then), then counted.
template <class F>
void measure(const char* step, F&& once) {
  for (size_t i = 0; i < questions_per_step; ++i)
    if (!once(i))
      fail(step, "an answer is not as it should be");
  CALLGRIND_ZERO_STATS;
  for (size_t i = 0; i < questions_per_step; ++i)
    once(i);
  CALLGRIND_DUMP_STATS_AT(step);
  std::printf("%s %zu\n", step, questions_per_step);
}

std::vector<packet> encode(const std::vector<std::string>& names, dns::rrtype type, uint16_t edns = 0) {
  std::vector<packet> result;
  for (size_t i = 0; i < questions_per_step; ++i)
    result.push_back(bench::encode_question(names[i * 7 % names.size()], type, edns));
  return result;
}

std::vector<dns::query> parse(const std::vector<packet>& packets) {
  std::vector<dns::query> result(packets.size());
  for (size_t i = 0; i < packets.size(); ++i)
    if (dns::parse_query(packets[i], result[i]) != dns::verdict::serve)
      fail("parse", "a good question was refused");
  return result;
}

/// What a zone server has at hand for the namespace of a question: its cell and its view of the current table.
class servers {
public:
  struct server {
    const zone::namespace_cell* cell;
    zone::reader<zone::table> reader;
  };

  explicit servers(const zone::root& root) : root_(root) {}

  server& find(const zone::question& asked) {
    const auto* cell = root_.find(zone::octets_of(asked.namespace_label()));
    if (!cell)
      fail("zone", "a namespace is missing");
    return by_cell_.try_emplace(cell->get(), server{cell->get(), zone::reader<zone::table>{(*cell)->tables}})
      .first->second;
  }

private:
  const zone::root& root_;
  std::unordered_map<const zone::namespace_cell*, server> by_cell_;
};

void measure_wire(const bench::cluster& all) {
  auto plain = encode(all.cluster_ip_names(), dns::rrtype::a);
  auto edns = encode(all.cluster_ip_names(), dns::rrtype::a, edns_octets);
  dns::query q;
  measure("parse", [&](size_t i) { return dns::parse_query(plain[i], q) == dns::verdict::serve; });
  measure("parse-edns", [&](size_t i) { return dns::parse_query(edns[i], q) == dns::verdict::serve; });

  auto plain_queries = parse(plain), edns_queries = parse(edns);
  static buffer out;
  auto encode_a = [&](const dns::query& to) {
    dns::response r{out, to};
    r.authoritative();
    r.a(dns::section::answer, dns::in_question(), 5, {10, 96, 0, 1});
    return dns::finish_response(out, r.size(), to, dns::response_limit(to, dns::protocol::udp)) > r.size() - 1;
  };
  measure("encode", [&](size_t i) { return encode_a(plain_queries[i]); });
  measure("encode-edns", [&](size_t i) { return encode_a(edns_queries[i]); });
  measure("encode-error",
          [&](size_t i) { return dns::error_response(out, edns_queries[i], dns::rcode::refused) > 12; });
}

/// Answers one question from its server's table into `r`.
zone::outcome answer(const bench::cluster& all, const dns::query& q, servers::server& by, dns::response& r) {
  auto asked = zone::parse_question(q, all.zone_skip(q.qname_octets), all.options());
  auto got = zone::answer_service(asked, *by.cell, by.reader.get().get(), all.world(), r);
  if (got == zone::outcome::nodata || got == zone::outcome::name_error)
    zone::write_negative(asked, got, all.world(), r);
  return got;
}

void measure_zone(const bench::cluster& all) {
  servers known{all.root()};
  static buffer out;
  struct {
    const char* step;
    const std::vector<std::string>& names;
    dns::rrtype type;
    zone::outcome right;
  } steps[] = {
    {"zone-cluster-ip", all.cluster_ip_names(), dns::rrtype::a, zone::outcome::answered},
    {"zone-cluster-ip-srv", all.cluster_ip_names(), dns::rrtype::srv, zone::outcome::answered},
    {"zone-cluster-ip-nodata", all.cluster_ip_names(), dns::rrtype::aaaa, zone::outcome::nodata},
    {"zone-headless", all.headless_names(), dns::rrtype::a, zone::outcome::answered},
    {"zone-headless-srv", all.headless_names(), dns::rrtype::srv, zone::outcome::answered},
    {"zone-absent", all.absent_names(), dns::rrtype::a, zone::outcome::name_error},
  };
  for (auto& s : steps) {
    auto queries = parse(encode(s.names, s.type));
    std::vector<servers::server*> by;
    for (auto& q : queries)
      by.push_back(&known.find(zone::parse_question(q, all.zone_skip(q.qname_octets), all.options())));
    measure(s.step, [&](size_t i) {
      dns::response r{out, queries[i]};
      return answer(all, queries[i], *by[i], r) == s.right;
    });
  }
}

void measure_reverse(const bench::cluster& all) {
  static buffer out;
  auto queries = parse(encode(all.pointer_names(), dns::rrtype::ptr));
  auto zone_octets = all.options().zones.back().size();
  measure("zone-reverse", [&](size_t i) {
    auto asked = zone::parse_question(queries[i], queries[i].qname_octets - zone_octets, all.options());
    dns::response r{out, queries[i]};
    return zone::answer_reverse(asked, all.world(), r) == zone::outcome::answered;
  });
}

void measure_whole(const bench::cluster& all) {
  servers known{all.root()};
  static buffer out;
  auto packets = encode(all.cluster_ip_names(), dns::rrtype::a);
  dns::query q; // read into again for each question, like that of a slot
  measure("whole-cluster-ip", [&](size_t i) {
    if (dns::parse_query(packets[i], q) != dns::verdict::serve)
      return false;
    auto& by = known.find(zone::parse_question(q, all.zone_skip(q.qname_octets), all.options()));
    dns::response r{out, q};
    auto got = answer(all, q, by, r);
    return dns::finish_response(out, r.size(), q, dns::response_limit(q, dns::protocol::udp)) == r.size() &&
           got == zone::outcome::answered;
  });
}

/// What an upstream says to `question`: one A record.
packet reply_to(packet question) {
  question[2] |= 0x80; // QR
  question[3] = 0x80;  // RA
  question[7] = 1;     // ANCOUNT
  question.insert(question.end(), {0xc0, 12, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4, 10, 96, 0, 1});
  return question;
}

dns::kept_reply_ptr read(const packet& reply, const dns::query& asked) {
  auto got = dns::read_reply(reply, asked, asked.id);
  auto* kept = std::get_if<dns::kept_reply_ptr>(&got);
  return kept ? std::move(*kept) : nullptr;
}

/// Names that are not ours: what others say is read, kept and said again.
void measure_outside(const bench::cluster& all) {
  static buffer out;
  auto packets = encode(all.cluster_ip_names(), dns::rrtype::a);
  auto queries = parse(packets);
  std::vector<packet> replies;
  net::cache_counters counters;
  net::cache_table kept{{}, counters};
  const net::time_point now{};
  for (size_t i = 0; i < questions_per_step; ++i) {
    replies.push_back(reply_to(packets[i]));
    kept.store(queries[i], read(replies[i], queries[i]), now);
  }
  measure("read-reply", [&](size_t i) { return read(replies[i], queries[i]) != nullptr; });
  dns::query q; // read into again for each question, like that of a slot
  measure("whole-cache-hit", [&](size_t i) {
    if (dns::parse_query(packets[i], q) != dns::verdict::serve)
      return false;
    const net::cache_found found = kept.find(q, now);
    if (found.outcome != net::cache_outcome::fresh)
      return false;
    const size_t size = dns::write_reply(*found.item->reply, q, {true, true, found.ttl}, out);
    return dns::finish_response(out, size, q, dns::response_limit(q, dns::protocol::udp)) == replies[i].size();
  });
}

} // namespace

int main() {
  bench::cluster all{{.namespaces = 50, .services = 2000, .pods = 4}};
  measure_wire(all);
  measure_zone(all);
  measure_reverse(all);
  measure_whole(all);
  measure_outside(all);
}
