// SPDX-License-Identifier: Apache-2.0
// Random questions to a small fixed world: whatever is asked, the answer must be a well-formed message within its
// buffer.
#include "net/dns/response.hpp"
#include "net/zone/answer.hpp"
#include "net/zone/keeper.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace troupe;

namespace {

struct fixture {
  zone::options how;
  zone::root_ptr root;
  zone::reverse_table_ptr reverse;
};

kube::address ip(const char* text) {
  return *kube::address::from_text(text);
}

fixture make_fixture(bool plain, bool outside = false) {
  fixture f;
  if (outside)
    f.how.external = zone::external_names{*dns::name::from_text("dns"), 7, !plain};
  f.how.zones = {*dns::name::from_text("c.l"), *dns::name::from_text("10.in-addr.arpa"), dns::name{}};
  f.how.pods = plain ? zone::options::pods_mode::disabled : zone::options::pods_mode::insecure;
  f.how.endpoint_pod_names = !plain;
  f.how.local_addresses = {ip("10.1.0.1"), ip("fd00::9")};
  zone::keeper k{"n"};
  auto put = [&](auto object) { k.apply({kube::change::what::upsert, std::move(object)}); };
  using kind = kube::service::kind;
  put(kube::service{"n", "a", "", kind::cluster_ip, {ip("10.0.0.1"), ip("fd00::1")}, "", {{"h", "tcp", 80}}});
  put(kube::service{"n", "b", "", kind::headless, {}, "", {}});
  put(kube::service{"n", "x", "", kind::external_name, {}, "a.n.svc.c.l", {}});
  put(kube::service{"n", "y", "", kind::external_name, {}, "x.n.svc.c.l", {}});
  put(kube::service{"n", "z", "", kind::external_name, {}, "example.org", {}});
  kube::service reached{"n", "d", "", kind::cluster_ip, {ip("10.0.0.2")}, "", {{"h", "tcp", 80}, {"d", "udp", 53}}};
  reached.external_ips = {ip("10.9.0.1"), ip("10.9.0.1"), ip("fd00::2")};
  reached.ingress_hostnames = {"lb.example.org", "a.n", "lb2.example.org"};
  put(reached);
  kube::endpoint_slice slice{
    .namespace_ = "n", .name = "b-1", .service = "b", .ports = {{"h", "tcp", 80}, {"d", "udp", 53}}};
  for (int i = 0; i < 60; ++i) // enough for an index
    slice.endpoints.push_back(
      {.addresses = {ip(("10.1.0." + std::to_string(i)).c_str())}, .hostname = i % 3 == 0 ? "e" : "", .pod = "p"});
  slice.endpoints.push_back({.fqdn = "db.example.org"});
  put(slice);
  zone::root_builder builder;
  builder.apply({kube::change::what::upsert, kube::namespace_object{"n", ""}});
  builder.synced();
  const zone::keeper::built made = k.build();
  builder.cell("n")->tables.publish(made.table);
  f.root = builder.build();
  zone::reverse_keeper addresses;
  addresses.apply(made.reverse);
  f.reverse = addresses.build();
  return f;
}

/// Words that names are made of most of the time, so that questions come near the world.
constexpr const char* words[] = {"svc",  "pod", "n",        "a",   "b",   "x",           "y", "z",   "_h", "_tcp",
                                 "e",    "p",   "10-1-0-1", "ns",  "dns", "dns-version", "1", "0",   "10", "in-addr",
                                 "arpa", "c",   "l",        "SVC", "C",   "ip6",         "d", "ns1", "9"};

dns::query make_query(const uint8_t*& data, const uint8_t* end) {
  auto octet = [&] { return data == end ? uint8_t{0} : *data++; };
  dns::query q;
  q.qclass = 1;
  constexpr uint16_t types[] = {1, 28, 33, 12, 6, 2, 16, 5, 15, 255, 65, 252};
  const uint8_t type = octet();
  q.qtype = type < 240 ? types[type % std::size(types)] : type;
  size_t size = 0;
  auto put = [&](const char* text, size_t length) {
    if (length == 0 || size + length + 2 > dns::max_name_octets)
      return;
    q.qname[size++] = static_cast<uint8_t>(length);
    std::copy_n(reinterpret_cast<const uint8_t*>(text), length, q.qname.begin() + static_cast<long>(size));
    size += length;
  };
  while (data != end) {
    const uint8_t word = octet();
    if (word < 200) {
      const std::string_view text = words[word % std::size(words)];
      put(text.data(), text.size());
    } else {
      const size_t length = std::min<size_t>(word & 63, static_cast<size_t>(end - data));
      put(reinterpret_cast<const char*>(data), length);
      data += length;
    }
  }
  q.qname[size++] = 0;
  q.qname_octets = static_cast<uint8_t>(size);
  dns::lower({q.qname.data(), size}, q.lowered.data());
  return q;
}

[[noreturn]] void fail(const char* why) {
  std::fprintf(stderr, "%s\n", why);
  std::abort();
}

/// Offset behind the name at `at`; pointers only go back.
size_t skip_name(dns::name_view wire, size_t at) {
  size_t octets = 0, end = 0, here = at;
  for (;;) {
    if (here >= wire.size())
      fail("a name leaves the message");
    const uint8_t length = wire[here];
    if (length >= 0xc0) {
      const size_t to = (length & 0x3fu) << 8 | wire[here + 1];
      if (to >= here)
        fail("a pointer that does not go back");
      end = end != 0 ? end : here + 2;
      here = to;
      continue;
    }
    if (length > 63 || (octets += 1u + length) > dns::max_name_octets)
      fail("a name too long");
    here += 1u + length;
    if (length == 0)
      return end != 0 ? end : here;
  }
}

void check_message(dns::name_view wire) {
  auto number = [&](size_t at) { return static_cast<size_t>(wire[at] << 8 | wire[at + 1]); };
  size_t at = skip_name(wire, dns::header_octets) + 4;
  for (size_t left = number(6) + number(8) + number(10); left > 0; --left) {
    at = skip_name(wire, at);
    if (at + 10 > wire.size())
      fail("a record leaves the message");
    const size_t type = number(at), size = number(at + 8), data = at + 10;
    at = data + size;
    if (at > wire.size())
      fail("data leaves the message");
    if ((type == 5 || type == 2 || type == 12) && skip_name(wire, data) != at)
      fail("a name that is not all of its data");
    if (type == 33 && skip_name(wire, data + 6) != at)
      fail("an SRV target that does not end with its data");
    if ((type == 1 && size != 4) || (type == 28 && size != 16))
      fail("an address of wrong size");
  }
  if (at != wire.size())
    fail("octets behind the last record");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fixture worlds[] = {make_fixture(false), make_fixture(true), make_fixture(false, true),
                                   make_fixture(true, true)};
  if (size < 3)
    return 0;
  const fixture& f = worlds[data[0] & 3];
  const size_t room = data[1] < 128 ? 540 + data[1] : 65535;
  const uint32_t rotate = data[2];
  const uint8_t* next = data + 3;
  const dns::query query = make_query(next, data + size);
  const auto matched = f.how.match(query.name_lowered());
  const zone::answer_context w{f.how, *f.root, *f.reverse};
  zone::question q = zone::parse_question(query, query.qname_octets - f.how.zones[*matched].size(), f.how);
  q.rotate = rotate;
  std::vector<uint8_t> buffer(room);
  dns::response out{buffer, query};
  dns::name target;
  const zone::outcome what = zone::answer_apex(q, w, out, &target);
  if (what != zone::outcome::answered && what != zone::outcome::external) {
    if (out.count(dns::section::answer) != 0 || out.count(dns::section::additional) != 0)
      fail("a negative outcome with records");
    zone::write_negative(q, what, w, out);
  }
  if (out.size() > room)
    fail("longer than its buffer");
  check_message(out.bytes());
  return 0;
}
