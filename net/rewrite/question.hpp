// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/protocol.hpp"
#include "net/dns/query.hpp"
#include "net/rewrite/rules.hpp"

#include <functional>

namespace troupe::rewrite {

/// Who asked and where, for options. Addresses have 4 or 16 octets; empty: not known. Must live as long as it is used.
struct asker {
  std::span<const uint8_t> client, server;
  uint16_t client_port = 0, server_port = 0;
  dns::protocol by = dns::protocol::udp;
  /// What `metadata` has under a label, empty if nothing; null: there are no labels.
  std::function<std::string(const std::string&)> label{};
};

/// What rules would do to a question.
enum class reach : uint8_t {
  nothing,
  answer,  ///< records of the answer, one by one: see edits_for
  question ///< the question too, or what its answer says makes others: see rewritten_question
};

/// Looks as far as it takes to know. `with_labels`: there may be some, see asker::label. Thread: any; allocates only
/// for rules that need a name's text.
reach reach_of(const rules& all, const dns::query& asked, bool with_labels = false);

/// Where that is `reach::answer`: what is to be done.
answer_edits edits_for(const rules& all, const dns::query& asked, bool with_labels = false);

struct rewritten {
  dns::query question;
  answer_edits edits;
  std::vector<uint8_t> options; ///< of the query to upstreams, in wire form (RFC 6891 section 6.1.2)
  bool has_options = false;     ///< rules spoke of options
  std::string invalid_name;     ///< not empty: what a rule made of the name, and `question` is not to be asked
};

/// The question as rules leave it, in lower case once a name rule has matched.
rewritten rewritten_question(const rules& all, const dns::query& asked, const asker& who);

} // namespace troupe::rewrite
