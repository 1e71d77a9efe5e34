// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/stage_site.hpp"
#include "actors/stages/template_answer.hpp"
#include "actors/stages/template_targets.hpp"

namespace troupe {

namespace {

using kind = template_answer::kind;

struct template_counters {
  net::counter &matches, &template_failures, &record_failures;
};

/// `template`: all uses of a block, in one stage.
class template_stage final : public stage {
public:
  template_stage(const config::template_list& uses, const plan_labels* labels, net::subquery_endpoint* through,
                 const template_counters& counts)
    : uses_(uses), labels_(labels), through_(through), counts_(counts) {}

  std::string_view name() const noexcept override { return "template"; }

  step request(net::slot& slot, stage_scope& scope) override {
    const template_answer made = answer_by_template(uses_, slot, {labels_, scope.batch, slot});
    if (made.is == kind::passed)
      return step::next;
    count(made);
    if (made.is == kind::made && !made.aliases.empty() && through_ && slot.may_wait && can_be_said(made, slot))
      return step::taken; // made again there: a stage keeps nothing of a question
    answer(scope.batch, slot, made);
    return step::answered;
  }

  void take(net::slice one) override {
    template_answer made;
    one.each([&](net::slot& slot) { made = answer_by_template(uses_, slot, {labels_, one.home(), slot}); });
    follow_targets(*through_, std::move(one), std::move(made));
  }

private:
  void count(const template_answer& made) {
    counts_.matches.add(made.matched ? 1 : 0);
    counts_.template_failures.add(made.is == kind::template_failed ? 1 : 0);
    counts_.record_failures.add(made.is == kind::record_failed ? 1 : 0);
  }

  /// The low four bits alone of a code above 15 would say something else.
  static bool can_be_said(const template_answer& made, const net::slot& slot) noexcept {
    constexpr auto most_plain = static_cast<dns::rcode>(15);
    return made.code <= most_plain || slot.query.edns.present;
  }

  static void answer(net::batch& home, net::slot& slot, const template_answer& made) {
    if (made.is != kind::made)
      net::answer_code(home, slot, dns::rcode::servfail);
    else if (!can_be_said(made, slot))
      net::fail(home, slot, "the template's code needs EDNS, which the client does not know");
    else
      keep_template_answer(home, slot, made);
    if (!made.failure.empty())
      slot.failure = home.note(made.failure);
  }

  const config::template_list uses_;
  const plan_labels* labels_; ///< the plan's
  net::subquery_endpoint* through_;
  template_counters counts_;
};

} // namespace

void make_template(stage_site& site) {
  site.add<template_stage>(
    site.block.own<config::template_list>("template"), site.labels, site.resources.subqueries,
    template_counters{
      site.counter("coredns_template_matches_total", "Counter of template regex matches."),
      site.counter("coredns_template_template_failures_total", "Counter of go template failures."),
      site.counter("coredns_template_rr_failures_total", "Counter of mis-templated RRs."),
    });
}

} // namespace troupe
