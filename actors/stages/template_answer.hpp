// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/metadata.hpp"
#include "config/directives/template.hpp"
#include "net/dns/message.hpp"
#include "net/slot.hpp"

namespace troupe {

/// What the templates of a block make of a question.
struct template_answer {
  enum class kind : uint8_t {
    passed,          ///< none is for it
    failed,          ///< SERVFAIL: a zone fits but no expression does, or SERVFAIL is what the template says
    template_failed, ///< SERVFAIL: see `failure`
    record_failed,   ///< SERVFAIL: what came out is no record; see `failure`
    made             ///< `message` is the answer, but for what `aliases` lead to
  };
  kind is = kind::passed;
  bool matched = false; ///< counted
  dns::rcode code = dns::rcode::servfail;
  const config::extended_error* reason = nullptr; ///< the template's; null: none
  std::string failure;
  dns::message message;
  std::vector<size_t> aliases; ///< CNAMEs in its answer section that an address was asked for at, in order
};

/// The first of `uses` that fits the question of `slot` answers; `labels` are those that `.Meta` finds. Cost: one walk
/// over the zones of each, its expressions in linear time, and its templates within their limits. Thread: any.
template_answer answer_by_template(const config::template_list& uses, const net::slot& slot,
                                   const question_labels& labels);

} // namespace troupe
