// SPDX-License-Identifier: Apache-2.0
#include "net/zone/answer_parts.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

constexpr size_t most_aliases = 11; // CoreDNS adds none once it has more than ten
constexpr size_t most_zone_changes = 8;

struct link {
  dns::name alias;
  uint32_t ttl;
};

/// Where the chain has come to: a zone of a block.
struct place {
  const zone::options* options;
  dns::name_view zone; ///< lower-case
  dns::name_view zone_spelled;
};

/// A question for `name`, which lies in the zone of `at`; `lowered` and `spelled` are its storage.
question question_for(const dns::name& name, const place& at, uint16_t qtype, dns::name& lowered,
                      std::array<uint8_t, dns::max_name_octets>& spelled) {
  lowered = name.lowered();
  const dns::name_view wire = lowered.wire();
  const size_t zone_at = wire.size() - at.zone.size();
  // The zone counts as spelled by the client; see choice::ns_needs_lower_case.
  std::ranges::copy(wire.first(zone_at), spelled.begin());
  std::ranges::copy(at.zone_spelled, spelled.begin() + static_cast<std::ptrdiff_t>(zone_at));
  return parse_question(wire, dns::name_view{spelled}.first(wire.size()), qtype, zone_at, *at.options);
}

/// The longest zone of this server's blocks that holds `name`.
std::optional<place> find_place(const dns::name& name, const answer_context& w) {
  const dns::name lowered = name.lowered();
  std::optional<place> best;
  for (const options* options : w.views)
    if (const auto zone = options->match(lowered.wire())) {
      const dns::name_view wire = options->zones[*zone].wire();
      if (!best || wire.size() > best->zone.size())
        best = place{options, wire, wire};
    }
  return best;
}

/// An alias in the message: where it stands, and how many of its octets do before it goes on by pointer.
struct written_alias {
  dns::name_view wire;
  uint16_t at;
  size_t literal;
};

/// `alias` with its longest end that stands in the question or an alias before it, in the same spelling, as a pointer.
dns::name_ref seen_from(const question& q, const std::vector<written_alias>& before, dns::name_view alias) noexcept {
  for (size_t at = 0; alias[at] != 0; at += 1u + alias[at]) {
    const dns::name_view end = alias.subspan(at);
    for (size_t there = 0; q.spelled[there] != 0; there += 1u + q.spelled[there])
      if (std::ranges::equal(end, q.spelled.subspan(there)))
        return {alias.first(at), dns::in_question(there).tail};
    for (const written_alias& b : before)
      for (size_t there = 0; there < b.literal; there += 1u + b.wire[there])
        if (std::ranges::equal(end, b.wire.subspan(there)))
          return {alias.first(at), static_cast<uint16_t>(b.at + there)};
  }
  return {alias.first(alias.size() - 1), 0};
}

void write_chain(const question& q, const std::vector<link>& chain, const std::vector<kube::address>& addresses,
                 uint32_t ttl, dns::response& out) {
  out.authoritative();
  dns::name_ref owner = question_name(q);
  std::vector<written_alias> before;
  for (const link& to : chain) {
    uint16_t written = 0;
    const dns::name_ref alias = seen_from(q, before, to.alias.wire());
    if (!out.name_data(dns::section::answer, owner, dns::rrtype::cname, to.ttl, alias, &written))
      return;
    owner = alias.labels.empty() ? alias : dns::name_ref{{}, written};
    before.push_back({to.alias.wire(), written, alias.labels.size()});
  }
  for (const kube::address& a : addresses)
    if (!write_address(out, dns::section::answer, owner, ttl, a))
      return;
}

bool holds(const std::vector<link>& chain, const dns::name& name) {
  return std::ranges::any_of(chain, [&](const link& l) { return l.alias == name; });
}

} // namespace

/// Where an alias leads into another zone of this server, CoreDNS asks itself anew: the chain so far is kept whatever
/// comes of it, and the limits on length and loops begin again. Each such step counts against most_zone_changes.
outcome chase(const question& q, const dns::name& first, const answer_context& w, dns::response& out,
              dns::name* target) {
  std::vector<link> kept, chain; // of the zones before, and of this one
  place at{&w.options, zone_of(q), q.spelled.subspan(q.zone_at)};
  dns::name_view reached = q.lowered;
  dns::name next = first, lowered;
  std::array<uint8_t, dns::max_name_octets> spelled;
  size_t zone_changes = 0;
  const auto write = [&](const std::vector<kube::address>& addresses) {
    kept.insert(kept.end(), chain.begin(), chain.end());
    write_chain(q, kept, addresses, at.options->ttl, out);
  };
  const auto dead_end = [&] {
    chain.clear();
    if (!kept.empty())
      write({});
    return kept.empty() ? outcome::nodata : outcome::answered;
  };
  for (;;) {
    const bool to_itself = dns::is_subdomain(next.wire(), reached);
    if (to_itself || chain.size() == most_aliases || holds(chain, next))
      return dead_end();
    chain.push_back({next, at.options->ttl});
    if (!dns::is_subdomain(next.wire(), at.zone)) {
      const auto other = find_place(next, w);
      if (!other || ++zone_changes > most_zone_changes) {
        write({});
        if (target)
          *target = next;
        return outcome::external;
      }
      kept.insert(kept.end(), chain.begin(), chain.end());
      chain.clear();
      at = *other;
    }
    const question inner = question_for(next, at, q.qtype, lowered, spelled);
    const found_addresses found = gather(inner, {*at.options, w.root, w.reverse, w.views, w.pods}, most_records(out));
    if (!found.cname && found.addresses.empty())
      return dead_end();
    if (!found.cname) {
      write(found.addresses);
      return outcome::answered;
    }
    next = *found.cname;
    reached = lowered.wire();
  }
}

} // namespace troupe::zone
