// SPDX-License-Identifier: Apache-2.0
#include "config/directives/rewrite.hpp"

#include "actors/questions/client.hpp"
#include "actors/stages/metadata.hpp"
#include "actors/stages/rewrite_walk.hpp"
#include "actors/stages/stage_site.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace troupe {

namespace {

std::span<const uint8_t> octets_of(const kube::address& from) noexcept {
  return std::span{from.octets}.first(from.v6 ? 16 : 4);
}

/// `rewrite`: what no rule touches goes on at the cost of looking; of what rules only touch the answer the response
/// function edits that; all else is taken and asked anew (rewrite_walk).
class rewrite_stage final : public stage {
public:
  rewrite_stage(const rewrite::rules& rules, const config::listener_plan& listener, const plan_labels* labels,
                net::subquery_endpoint& subqueries)
    : rules_(rules), labels_(labels), port_(listener.port), bound_(kube::address::from_text(listener.host)),
      subqueries_(subqueries) {}

  std::string_view name() const noexcept override { return "rewrite"; }

  step request(net::slot& slot, stage_scope&) override {
    return reach_for(slot) == rewrite::reach::question ? step::taken : step::next;
  }

  void take(net::slice one) override {
    rewrite::rewritten what;
    one.each([&](net::slot& slot) {
      const kube::address client = address_of(slot.from);
      const std::optional<kube::address> server = server_of(slot, client.v6);
      rewrite::asker who{octets_of(client), {}, port_of(slot.from), port_, slot.protocol};
      if (server)
        who.server = octets_of(*server);
      const question_labels labels{labels_, one.home(), slot};
      if (labels_)
        who.label = [&](const std::string& label) { return labels.find(label).value_or(""); };
      what = rewrite::rewritten_question(rules_, slot.query, who);
    });
    ask_rewritten(subqueries_, std::move(one), std::move(what));
  }

  void response(net::slot& slot, stage_scope& scope) override {
    if (reach_for(slot) == rewrite::reach::answer)
      edit_untouched(scope.batch, slot, rewrite::edits_for(rules_, slot.query, labels_));
  }

private:
  /// A transfer is many messages of a zone under its own name.
  rewrite::reach reach_for(const net::slot& slot) const {
    return slot.query.is_transfer() || slot.query.qname_octets == 0 ? rewrite::reach::nothing
                                                                    : rewrite::reach_of(rules_, slot.query, labels_);
  }

  /// Where it was asked, in the client's family.
  std::optional<kube::address> server_of(const net::slot& slot, bool v6) const noexcept {
    const auto& local = slot.from.local.s6_addr;
    const bool unknown = std::all_of(std::begin(local), std::end(local), [](uint8_t octet) { return octet == 0; });
    if (unknown)
      return bound_;
    kube::address out;
    out.v6 = v6;
    const bool mapped = slot.from.is_v6() && !v6;
    std::copy_n(std::begin(local) + (mapped ? 12 : 0), v6 ? 16 : 4, out.octets.begin());
    return out;
  }

  const rewrite::rules& rules_; ///< of the plan, which lives as long as its stages
  const plan_labels* labels_;   ///< likewise; null: there are none
  const uint16_t port_;
  const std::optional<kube::address> bound_; ///< nothing: every address, or one with a zone
  net::subquery_endpoint& subqueries_;
};

} // namespace

void make_rewrite(stage_site& site) {
  if (net::subquery_endpoint* const asks = site.resources.subqueries)
    site.add<rewrite_stage>(site.block.own<config::rewrite_options>("rewrite").rules, site.listener, site.labels,
                            *asks);
}

} // namespace troupe
