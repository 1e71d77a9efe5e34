// SPDX-License-Identifier: Apache-2.0
#include "config/directives/acl.hpp"

#include "actors/questions/client.hpp"
#include "actors/stages/edited_answer.hpp"
#include "actors/stages/stage_site.hpp"
#include "net/dns/response.hpp"
#include "net/endpoint.hpp"

namespace troupe {

namespace {

using action = config::acl_options::action;

constexpr uint8_t blocked = 15, filtered = 17; // extended errors (RFC 8914 sections 4.16, 4.18)

/// `acl`: questions that some clients may not ask. Rules are asked in the Corefile's order; the first policy that
/// applies counts, and `allow` ends the search.
class acl_stage final : public stage {
public:
  struct rule {
    config::acl_options options;
    std::vector<net::counter*> blocked, filtered, dropped; ///< by the rule's zone
  };

  acl_stage(std::vector<rule> rules, net::counter& allowed) : rules_(std::move(rules)), allowed_(allowed) {}

  std::string_view name() const noexcept override { return "acl"; }
  other_classes with_other_classes() const noexcept override { return other_classes::take; }

  step request(net::slot& slot, stage_scope& scope) override {
    const kube::address client = address_of(slot.from);
    for (const rule& each : rules_) {
      const size_t zone = each.options.zone_of.longest(slot.query.name_lowered());
      if (zone == config::zone_index::none)
        continue;
      for (const auto& policy : each.options.policies) {
        if (!policy.applies(slot.query.qtype, client.octets, client.v6))
          continue;
        if (policy.does == action::allow)
          return allow();
        act(policy.does, each, zone, slot, scope.batch);
        return step::answered;
      }
    }
    return allow();
  }

private:
  step allow() {
    allowed_.add(1);
    return step::next;
  }

  static void act(action does, const rule& by, size_t zone, net::slot& slot, net::batch& batch) {
    if (does == action::drop) {
      by.dropped[zone]->add(1);
      slot.state = net::slot_state::silent;
      return;
    }
    const bool blocks = does == action::block;
    net::answer_code(batch, slot, blocks ? dns::rcode::refused : dns::rcode::noerror);
    add_extended_error(batch, slot, blocks ? blocked : filtered);
    (blocks ? by.blocked : by.filtered)[zone]->add(1);
  }

  const std::vector<rule> rules_;
  net::counter& allowed_;
};

std::vector<net::counter*> counters_of_zones(const stage_site& site, const config::acl_options& options,
                                             const char* family, const char* help) {
  std::vector<net::counter*> out;
  for (const auto& zone : options.zones)
    out.push_back(&site.counter(family, help, {{"zone", zone.lowered().to_text()}, {"view", site.block.view}}));
  return out;
}

} // namespace

void make_acl(stage_site& site) {
  std::vector<acl_stage::rule> rules;
  for (const auto& options : site.block.own<std::vector<config::acl_options>>("acl")) {
    rules.push_back(
      {options,
       counters_of_zones(site, options, "coredns_acl_blocked_requests_total", "Counter of DNS requests being blocked."),
       counters_of_zones(site, options, "coredns_acl_filtered_requests_total",
                         "Counter of DNS requests being filtered."),
       counters_of_zones(site, options, "coredns_acl_dropped_requests_total",
                         "Counter of DNS requests being dropped.")});
  }
  site.add<acl_stage>(std::move(rules),
                      site.counter("coredns_acl_allowed_requests_total", "Counter of DNS requests being allowed.",
                                   {{"view", site.block.view}}));
}

} // namespace troupe
