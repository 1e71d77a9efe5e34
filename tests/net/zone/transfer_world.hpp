// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/external_records.hpp"
#include "net/zone/reverse_records.hpp"
#include "net/zone/transfer.hpp"
#include "tests/net/zone/small_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace troupe::zone::test {

using records = std::vector<std::string>;
using std::string_view;

/// A cluster and the transfers of its zones.
class transfer_world {
public:
  transfer_world() {
    world.add_namespace("default");
    world.how.ttl = 5;
    world.touched(1'700'000'000);
    world.synced();
  }

  /// Publishes what the world holds, and asks for a zone; the transfer may be drawn from later.
  transfer ask(string_view zone, dns::rrtype type = dns::rrtype::axfr, std::optional<uint32_t> serial = {}) {
    publish();
    dns::query q = query_for(zone, type);
    q.has_serial = serial.has_value();
    q.serial = serial.value_or(0);
    q.edns.present = edns;
    const dns::name lowered = *dns::name::from_wire(q.name_lowered());
    const zone_tables from{world.how, names, addresses};
    if (world.how.external)
      return {q, std::make_unique<external_records>(from, lowered)};
    if (is_reverse_zone(lowered))
      return {q, std::make_unique<reverse_records>(from, lowered)};
    return {q, std::make_unique<cluster_records>(from)};
  }

  void publish() {
    world.build();
    names.publish(std::make_shared<zone::root>(world.root()));
    addresses.publish(std::make_shared<reverse_table>(world.reverse()));
  }

  /// Every record of every message, in order.
  records all_of(transfer&& from) {
    records out;
    std::vector<uint8_t> buffer(dns::max_message_octets);
    for (size_t calls = 0; calls < 1'000'000; ++calls) {
      const auto made = from.next(buffer);
      if (made.octets != 0) {
        const auto read = test::read(std::span{buffer}.first(made.octets));
        if (!read) {
          ADD_FAILURE() << "message " << sizes.size() << " is not well-formed";
          return out;
        }
        EXPECT_TRUE(read->aa && !read->tc && read->rcode == 0);
        EXPECT_LE(made.uncompressed, transfer::max_message + 300);
        EXPECT_LE(made.octets, made.uncompressed + (edns ? 11 : 0));
        sizes.push_back(made.octets);
        out.insert(out.end(), read->answer.begin(), read->answer.end());
      }
      if (made.last)
        return out;
    }
    ADD_FAILURE() << "no end";
    return out;
  }

  /// The records between the two SOA, which must be the same.
  records zone(string_view name) {
    records all = all_of(ask(name));
    if (all.size() < 2 || all.front() != all.back() || all.front().find(" SOA ") == std::string::npos) {
      ADD_FAILURE() << name << " does not begin and end with the same SOA";
      return all;
    }
    return {all.begin() + 1, all.end() - 1};
  }

  static records without(records all, std::initializer_list<string_view> types) {
    std::erase_if(all, [&](const std::string& r) {
      return std::ranges::any_of(types, [&](string_view t) { return r.find(t) != r.npos; });
    });
    return all;
  }
  records services(string_view name = "cluster.local") {
    return without(zone(name), {" NS ", " TXT ", "ns.dns.", "ns1.dns."});
  }

  small_world world;
  published<zone::root> names;
  published<reverse_table> addresses;
  std::vector<size_t> sizes; ///< of the messages
  bool edns = false;
};

} // namespace troupe::zone::test
