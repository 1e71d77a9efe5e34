// SPDX-License-Identifier: Apache-2.0
// Asks the questions that cost the most, each between two marks for callgrind, which counts instructions; see run
// beside it. Prints microseconds of CPU time (true only without valgrind) and the name of each shape, and ends with
// status 1 if an answer is not what it should be.
#include "../cluster.hpp"
#include "net/dns/kept_reply.hpp"
#include "net/zone/external_records.hpp"
#include "net/zone/reverse_records.hpp"
#include "net/zone/transfer.hpp"
#include "worst_world.hpp"

#include <valgrind/callgrind.h>

#include <sys/types.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>

/// As in driver.cpp; but the same octet all over would make a poor key of it, with which much collides.
extern "C" ssize_t getrandom(void* to, size_t size, unsigned) {
  uint64_t state = 1;
  for (size_t i = 0; i < size; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    static_cast<uint8_t*>(to)[i] = static_cast<uint8_t>(state >> 56);
  }
  return static_cast<ssize_t>(size);
}

using namespace troupe;
using bench::worst_world;
using dns::rrtype;
using zone::outcome;

namespace {

using packet = std::vector<uint8_t>;

constexpr size_t opt_room = 16;
uint8_t scratch[dns::max_message_octets], kept[dns::max_message_octets + opt_room];
uint64_t random_state = 1;

[[noreturn]] void fail(const std::string& shape, const char* what) {
  std::fprintf(stderr, "%s: %s\n", shape.c_str(), what);
  std::exit(1);
}

/// CPU time of this thread, microseconds.
double cpu_time() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

/// Counts what `once` does as one of `shape`.
template <class F>
auto count(const std::string& shape, F&& once) {
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  const double begin = cpu_time();
  auto result = once();
  std::printf("%8.1f %s\n", cpu_time() - begin, shape.c_str());
  CALLGRIND_DUMP_STATS_AT(shape.c_str());
  CALLGRIND_STOP_INSTRUMENTATION;
  return result;
}

/// What a server does with an answer that is written: it is kept, shuffled, and cut to what the client takes.
size_t send(const dns::query& q, std::span<const uint8_t> written, dns::protocol protocol) {
  std::memcpy(kept, written.data(), written.size());
  dns::shuffle_addresses({kept, written.size()}, random_state);
  return dns::finish_response(kept, written.size(), q, dns::response_limit(q, protocol));
}

outcome ask(const worst_world& all, const zone::options& by, const packet& question, dns::protocol protocol) {
  dns::query q;
  if (dns::parse_query(question, q) != dns::verdict::serve)
    fail("parse", "a good question was refused");
  const zone::answer_context w = all.view(by);
  zone::question asked =
    zone::parse_question(q, q.qname_octets - by.zones[by.match(q.name_lowered()).value()].size(), by);
  asked.rotate = 12'345;
  dns::response out{std::span{scratch}.first(dns::response_room(q, protocol)), q};
  dns::name target;
  const outcome got = asked.asks() == zone::server::reverse ? zone::answer_reverse(asked, w, out)
                                                            : zone::answer_apex(asked, w, out, &target);
  if (got != outcome::answered && got != outcome::external)
    zone::write_negative(asked, got, w, out);
  return send(q, out.bytes(), protocol) > dns::header_octets ? got : outcome::servfail;
}

struct shape {
  const char* name;
  rrtype type;
  outcome right = outcome::answered;
};

constexpr shape cluster_shapes[] = {
  {"_p4999._tcp.ports.n.svc.cluster.local", rrtype::srv},
  {"_p4999._tcp.ports.n.svc.cluster.local", rrtype::a},
  {"_x._tcp.ports.n.svc.cluster.local", rrtype::a, outcome::name_error},
  {"ports.n.svc.cluster.local", rrtype::srv},
  {"pods.n.svc.cluster.local", rrtype::a},
  {"pods.n.svc.cluster.local", rrtype::aaaa, outcome::nodata},
  {"pods.n.svc.cluster.local", rrtype::srv},
  {"pods.n.svc.cluster.local", rrtype::cname, outcome::nodata},
  {"pods.n.svc.cluster.local", rrtype::any, outcome::nodata},
  {"*.n.svc.cluster.local", rrtype::a, outcome::name_error},
  {"*.*.svc.cluster.local", rrtype::any, outcome::name_error},
  {"_p0._tcp.pods.n.svc.cluster.local", rrtype::a},
  {"_p0._tcp.pods.n.svc.cluster.local", rrtype::aaaa, outcome::nodata},
  {"_p0._tcp.pods.n.svc.cluster.local", rrtype::srv},
  {"_x._tcp.pods.n.svc.cluster.local", rrtype::srv, outcome::name_error},
  {"_tcp.pods.n.svc.cluster.local", rrtype::a, outcome::implied},
  {"10-0-39-1.pods.n.svc.cluster.local", rrtype::a},
  {"pods6.n.svc.cluster.local", rrtype::aaaa},
  {"_p0._tcp.pods6.n.svc.cluster.local", rrtype::aaaa},
  {"pods6.n.svc.cluster.local", rrtype::srv},
  {"h.one-name.n.svc.cluster.local", rrtype::a},
  {"h.one-name.n.svc.cluster.local", rrtype::srv},
  {"h.one-name.n.svc.cluster.local", rrtype::mx, outcome::nodata},
  {"one-name.n.svc.cluster.local", rrtype::srv},
  {"two-names.n.svc.cluster.local", rrtype::srv},
  {"own-names.n.svc.cluster.local", rrtype::srv},
  {"_p0._tcp.one-address.n.svc.cluster.local", rrtype::a},
  {"one-address.n.svc.cluster.local", rrtype::srv},
  {"two-addresses.n.svc.cluster.local", rrtype::srv},
  {"h.two-addresses.n.svc.cluster.local", rrtype::a},
  {"hundred-ports.n.svc.cluster.local", rrtype::srv},
  {"_p99._tcp.hundred-ports.n.svc.cluster.local", rrtype::srv},
  {"aliases.n.svc.cluster.local", rrtype::a, outcome::external},
  {"aliases.n.svc.cluster.local", rrtype::cname},
  {"aliases.n.svc.cluster.local", rrtype::srv, outcome::nodata},
  {"x.aliases.n.svc.cluster.local", rrtype::a, outcome::name_error},
  {"a9999-example-com.aliases.n.svc.cluster.local", rrtype::a, outcome::external},
  {"z499.pin._zone.zones.n.svc.cluster.local", rrtype::a},
  {"z499.pin._zone.zones.n.svc.cluster.local", rrtype::srv},
  {"none.prefer._zone.zones.n.svc.cluster.local", rrtype::a},
  {"none.prefer._zone.zones.n.svc.cluster.local", rrtype::srv},
  {"slices.n.svc.cluster.local", rrtype::a},
  {"slices.n.svc.cluster.local", rrtype::srv},
  {"_p0-4999._tcp.slices.n.svc.cluster.local", rrtype::srv},
  {"_x._tcp.slices.n.svc.cluster.local", rrtype::a, outcome::name_error},
  {"_tcp.slices.n.svc.cluster.local", rrtype::a, outcome::implied},
  {"_udp.slices.n.svc.cluster.local", rrtype::a, outcome::name_error},
  {"10-0-19-1.slices.n.svc.cluster.local", rrtype::a},
  {"link-70.n.svc.cluster.local", rrtype::a},
  {"link-0.n.svc.cluster.local", rrtype::a},
  {"far.n.svc.cluster.local", rrtype::a, outcome::external},
  {"5.0.0.10.in-addr.arpa", rrtype::ptr},
  {"5.0.0.10.in-addr.arpa", rrtype::any, outcome::implied},
  {"cluster.local", rrtype::ns},
  {"ns.dns.cluster.local", rrtype::a},
  {"_p4999._tcp.imported.n.svc.clusterset.local", rrtype::srv},
  {"imported.n.svc.clusterset.local", rrtype::srv},
  {"imported.n.svc.clusterset.local", rrtype::a},
  {"pods.n.svc.clusterset.local", rrtype::srv},
  {"_p0._tcp.pods.n.svc.clusterset.local", rrtype::a},
  {"h.c9.one-name.n.svc.clusterset.local", rrtype::a},
  {"one-name.n.svc.clusterset.local", rrtype::srv},
  {"two-addresses.n.svc.clusterset.local", rrtype::srv},
};

constexpr shape external_shapes[] = {
  {"external.n.example.org", rrtype::a},
  {"external.n.example.org", rrtype::aaaa, outcome::nodata},
  {"external.n.example.org", rrtype::srv},
  {"_p4999._tcp.external.n.example.org", rrtype::srv},
  {"balanced.n.example.org", rrtype::a, outcome::external},
  {"balanced.n.example.org", rrtype::srv},
  {"_p19._tcp.balanced.n.example.org", rrtype::srv},
  {"pods.n.example.org", rrtype::a},
  {"pods.n.example.org", rrtype::aaaa, outcome::nodata},
  {"pods.n.example.org", rrtype::srv},
  {"one-name.n.example.org", rrtype::srv},
  {"two-addresses.n.example.org", rrtype::srv},
  {"h.one-name.n.example.org", rrtype::a},
  {"aliases.n.example.org", rrtype::a, outcome::external},
  {"aliases.n.example.org", rrtype::srv},
  {"_x._tcp.slices.n.example.org", rrtype::a, outcome::name_error},
  {"1.0.0.13.in-addr.arpa", rrtype::ptr},
  {"example.org", rrtype::ns},
  {"ns1.dns.example.org", rrtype::a},
};

const char* text_of(rrtype type) {
  return type == rrtype::a       ? "A"
         : type == rrtype::aaaa  ? "AAAA"
         : type == rrtype::srv   ? "SRV"
         : type == rrtype::ptr   ? "PTR"
         : type == rrtype::cname ? "CNAME"
         : type == rrtype::ns    ? "NS"
         : type == rrtype::mx    ? "MX"
                                 : "ANY";
}

void ask_all(const worst_world& all, const zone::options& by, std::span<const shape> shapes) {
  for (const shape& s : shapes)
    for (const auto protocol : dns::protocols) {
      const packet question = bench::encode_question(s.name, s.type, protocol == dns::protocol::tcp ? 0 : 1232);
      const std::string name = std::string{s.name} + "/" + text_of(s.type) + "/" + std::string{text(protocol)};
      ask(all, by, question, protocol); // what is made on first use is made now
      const outcome got = count(name, [&] { return ask(all, by, question, protocol); });
      if (got != s.right)
        fail(name, "the answer is not what it should be");
    }
}

zone::transfer begin_transfer(const worst_world& all, const zone::options& by, const char* zone) {
  dns::query q;
  const packet question = bench::encode_question(zone, rrtype::axfr);
  if (dns::parse_query(question, q) != dns::verdict::serve)
    fail(zone, "a good question was refused");
  const dns::name lowered = *dns::name::from_wire(q.name_lowered());
  const zone::zone_tables from{by, all.names(), all.addresses(), by.is_multicluster(lowered.wire())};
  if (by.external)
    return {q, std::make_unique<zone::external_records>(from, lowered)};
  if (zone::is_reverse_zone(lowered))
    return {q, std::make_unique<zone::reverse_records>(from, lowered)};
  return {q, std::make_unique<zone::cluster_records>(from)};
}

/// A message of a transfer, or a part of the work before it, is a piece. There are thousands: those that took the
/// longest are counted when they come again.
void transfer(const worst_world& all, const zone::options& by, const char* zone) {
  constexpr size_t counted = 10;
  std::vector<std::pair<double, size_t>> longest;
  zone::transfer once = begin_transfer(all, by, zone);
  for (bool last = false; !last;) {
    const double begin = cpu_time();
    last = once.next(kept).last;
    longest.push_back({cpu_time() - begin, longest.size()});
  }
  std::ranges::sort(longest, std::greater{});
  longest.resize(std::min(counted, longest.size()));
  zone::transfer again = begin_transfer(all, by, zone);
  bool last = false;
  for (size_t piece = 0; !last; ++piece) {
    const auto next = [&] { return again.next(kept).last; };
    const bool wanted = std::ranges::any_of(longest, [&](auto& l) { return l.second == piece; });
    last = wanted ? count(std::string{zone} + "/AXFR", next) : next();
  }
}

/// An upstream's reply: `begin`, in which `before` records stand behind the question, then up to `records` more, each
/// the same octets but for a number that stands at `numbered` (0: none). They are answers, or authority if others stand
/// before them.
packet with_records(const packet& begin, size_t records, std::span<const uint8_t> record_of, size_t numbered,
                    uint8_t before = 0) {
  packet out = begin;
  out[2] |= 0x80;
  records = std::min(records, (dns::max_message_octets - out.size()) / record_of.size());
  out[7] = before;
  uint8_t* const count = &out[before == 0 ? 6 : 8];
  count[0] = static_cast<uint8_t>(records >> 8);
  count[1] = static_cast<uint8_t>(records);
  for (size_t i = 0; i < records; ++i) {
    out.insert(out.end(), record_of.begin(), record_of.end());
    if (numbered != 0) {
      uint8_t* const number = &out[out.size() - record_of.size() + numbered];
      number[0] = static_cast<uint8_t>(i >> 8);
      number[1] = static_cast<uint8_t>(i);
    }
  }
  return out;
}

dns::kept_reply_ptr read_big(const std::string& shape, const packet& question, dns::query& q,
                             std::span<const uint8_t> record_of, size_t numbered) {
  if (dns::parse_query(question, q) != dns::verdict::serve)
    fail("parse", "a good question was refused");
  const packet reply = with_records(question, dns::max_reply_records, record_of, numbered);
  auto read = count("big-reply/read/" + shape, [&] { return dns::read_reply(reply, q, q.id); });
  auto* item = std::get_if<dns::kept_reply_ptr>(&read);
  return item ? *item : nullptr;
}

/// A signed answer whose signers are all zones above the name, and as many denials (NSEC) as are taken, each of an
/// owner of its own whose labels all have to be gone through.
packet denials_for(const packet& question) {
  constexpr uint8_t rrsig = 46, nsec = 47;
  packet out = question;
  const std::span name{&question[dns::header_octets], question.size() - dns::header_octets - 4};
  const packet address{0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 0, 0, 0};
  out.insert(out.end(), address.begin(), address.end());
  uint8_t answers = 1;
  for (size_t at = size_t{1} + name[0]; name[at] != 0; at += size_t{1} + name[at], ++answers) {
    const auto signer = name.subspan(at);
    const packet fixed{0xc0, 12, 0, rrsig, 0, 1, 0, 0, 0, 30, 0, static_cast<uint8_t>(18 + signer.size()), 0, 1};
    out.insert(out.end(), fixed.begin(), fixed.end());
    out.resize(out.size() + 16); // of no meaning here
    out.insert(out.end(), signer.begin(), signer.end());
  }
  const auto above = static_cast<uint8_t>(dns::header_octets + 1 + name[0]);
  const packet denial{2, 0, 0, 0xc0, above, 0, nsec, 0, 1, 0, 0, 0, 30, 0, 0};
  return with_records(out, dns::max_reply_records - answers, denial, 1, answers);
}

void read_denials(const std::string& title, const std::string& name) {
  const packet question = bench::encode_question(name, rrtype::a);
  dns::query q;
  if (dns::parse_query(question, q) != dns::verdict::serve)
    fail("parse", "a good question was refused");
  const packet reply = denials_for(question);
  const auto read = count("big-reply/read/" + title + "/denials", [&] { return dns::read_reply(reply, q, q.id); });
  auto* item = std::get_if<dns::kept_reply_ptr>(&read);
  if (!item || (*item)->ttls.size() != dns::max_reply_records)
    fail(title, "denials were not kept");
}

/// Upstreams' replies of as many records as are taken: read, and given from the cache.
void big_replies() {
  std::string deep;
  for (int i = 0; i < 126; ++i)
    deep += "a.";
  const std::string wide = std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + ".d";
  dns::query q;
  // As many labels in each record as there may be in all, thus one less below its first label.
  const std::string most = std::string(30, 'a') + ".b.c.d.e.f." + std::string(63, 'g') + "." + std::string(63, 'h');
  for (auto& [title, name] :
       {std::pair{"short", std::string{"www.example.com"}}, {"wide", wide}, {"deep", deep}, {"most", most}}) {
    const auto above =
      static_cast<uint8_t>(dns::header_octets + 1 + name.find('.')); // the name without its first label
    // Owner, type, class, TTL, length, data.
    const packet address{0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 0, 0, 0};
    const packet elsewhere{0xc0, above, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 0, 0, 0};
    const packet alias{0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 30, 0, 2, 0xc0, above};
    const packet longer{0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 30, 0, 4, 1, 'x', 0xc0, above};
    const packet by_address = bench::encode_question(name, rrtype::a),
                 by_name = bench::encode_question(name, rrtype::ptr);
    const auto item = read_big(std::string{title} + "/addresses", by_address, q, address, 14);
    if (!item)
      fail(title, "it was not read");
    for (const auto protocol : dns::protocols)
      count(std::string{"big-reply/write/"} + title + "/" + std::string{text(protocol)}, [&] {
        const size_t size = dns::write_reply(*item, q, {true, true, 5}, scratch);
        return send(q, {scratch, size}, protocol);
      });
    read_big(std::string{title} + "/addresses-of-others", by_address, q, elsewhere, 14);
    read_big(std::string{title} + "/names", by_name, q, alias, 0);
    read_big(std::string{title} + "/names-below", by_name, q, longer, 0);
    // All different, the number is their first label.
    const packet other{0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 30, 0, 5, 2, 0, 0, 0xc0, above};
    const packet others{2, 0, 0, 0xc0, above, 0, 12, 0, 1, 0, 0, 0, 30, 0, 2, 0xc0, above};
    read_big(std::string{title} + "/names-that-differ", by_name, q, other, 13);
    read_big(std::string{title} + "/owners-that-differ", by_name, q, others, 1);
    if (title == std::string_view{"most"})
      read_denials(title, name);
  }
}

} // namespace

int main() {
  const bench::worst_world all;
  ask_all(all, all.how, cluster_shapes);
  ask_all(all, all.outside, external_shapes);
  big_replies();
  transfer(all, all.how, "10.in-addr.arpa");
  transfer(all, all.how, "cluster.local");
  transfer(all, all.how, "clusterset.local");
  transfer(all, all.outside, "example.org");
}
