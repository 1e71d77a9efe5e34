// SPDX-License-Identifier: Apache-2.0
#include "config/directives/local.hpp"

#include "actors/questions/message_buffer.hpp"
#include "actors/stages/stage_site.hpp"
#include "net/dns/response.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr uint32_t local_ttl = 604800; // seconds, of RFC 1912 section 4.1's examples
constexpr std::array<uint8_t, 4> loopback_v4{127, 0, 0, 1};
constexpr std::array<uint8_t, 16> loopback_v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr uint8_t localhost_label[] = {9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};
constexpr uint8_t root_label[] = {4, 'r', 'o', 'o', 't', 9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};

dns::name wire_of(const char* text) {
  return *dns::name::from_text(text);
}

/// One answer about `query`, whose name begins at the question's.
struct local_answer {
  const dns::query& query;
  dns::response out;

  local_answer(const net::slot& slot)
    : query(slot.query), out(scratch_message().first(dns::response_room(slot.query, slot.protocol)), slot.query) {}

  bool asks(dns::rrtype type) const noexcept { return query.type() == type; }

  /// Of the zone that begins at octet `skip` of the question's name.
  void soa(dns::section where, size_t skip = 0) {
    out.soa(where, dns::in_question(skip), local_ttl,
            {.mname = {localhost_label}, .rname = {root_label}, .serial = 1, .minimum = local_ttl});
  }
  void no_data(size_t skip = 0) { soa(dns::section::authority, skip); }

  void addresses() {
    if (asks(dns::rrtype::a))
      out.a(dns::section::answer, dns::in_question(), local_ttl, loopback_v4);
    else if (asks(dns::rrtype::aaaa))
      out.aaaa(dns::section::answer, dns::in_question(), local_ttl, loopback_v6);
    else
      no_data();
  }

  void apex(bool localhost) {
    if (asks(dns::rrtype::soa))
      soa(dns::section::answer);
    else if (asks(dns::rrtype::ns))
      out.name_data(dns::section::answer, dns::in_question(), dns::rrtype::ns, local_ttl, {localhost_label});
    else if (localhost)
      addresses();
    else
      no_data();
  }
};

/// `local`: names of the machine itself and of networks that no name server outside can know (RFC 6303 section 4,
/// RFC 6761 section 6.3), so that they are asked of nobody.
class local_stage final : public stage {
public:
  explicit local_stage(config::local_options options) : prefix_(options.prefix) {}

  std::string_view name() const noexcept override { return "local"; }

  step request(net::slot& slot, stage_scope& scope) override {
    const dns::name_view asked = slot.query.name_lowered();
    const size_t zone = zone_of(asked);
    const bool inside = zone < zones_.size();
    const bool below = inside && asked.size() > zones_[zone].size();
    const bool host =
      (below && zone == 0) || (prefix_ && asked.size() > zones_[0].size() &&
                               std::ranges::equal(asked.first(sizeof localhost_label), localhost_label));
    if (!inside && !host)
      return step::next;
    local_answer answer{slot};
    slot.rcode = dns::rcode::noerror;
    if (host)
      answer.addresses();
    else if (!below)
      answer.apex(zone == 0);
    else
      below_network(answer, asked, asked.size() - zones_[zone].size(), slot);
    answer.out.code(slot.rcode);
    scope.batch.keep(slot, answer.out.bytes(), answer.out.uncompressed_size());
    return step::answered;
  }

private:
  size_t zone_of(dns::name_view asked) const noexcept {
    return static_cast<size_t>(
      std::ranges::find_if(zones_, [&](auto& zone) { return dns::is_subdomain(asked, zone.wire()); }) - zones_.begin());
  }

  /// Only one address of the networks has a name.
  void below_network(local_answer& answer, dns::name_view asked, size_t skip, net::slot& slot) const {
    if (!dns::equal(asked, first_address_.wire())) {
      slot.rcode = dns::rcode::nxdomain;
      answer.no_data(skip);
    } else if (answer.asks(dns::rrtype::ptr)) {
      answer.out.name_data(dns::section::answer, dns::in_question(), dns::rrtype::ptr, local_ttl, {localhost_label});
    } else {
      answer.no_data(skip);
    }
  }

  const bool prefix_;
  const std::array<dns::name, 4> zones_{wire_of("localhost"), wire_of("0.in-addr.arpa"), wire_of("127.in-addr.arpa"),
                                        wire_of("255.in-addr.arpa")};
  const dns::name first_address_ = wire_of("1.0.0.127.in-addr.arpa");
};

} // namespace

void make_local(stage_site& site) {
  site.add<local_stage>(site.block.own<config::local_options>("local"));
}

} // namespace troupe
