// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/message.hpp"
#include "net/rewrite/rules.hpp"

namespace troupe::rewrite {

/// Makes a client's answer out of the answer to a rewritten question: to each record of the authority, answer and
/// additional sections all edits are applied, the last first. It stops where a CNAME's new target has to be looked up.
/// As in CoreDNS an edit of the code is tried for each record, and once if there is none.
class answer_editing {
public:
  enum class step : uint8_t {
    done,     ///< see message() and code()
    looks_up, ///< asks for target(); looked_up() comes next, then go_on() again
    failed    ///< an edit made what is no name
  };

  /// `code`: of the answer, extended bits included; `message.flags` need not say it.
  answer_editing(dns::message answer, uint16_t code, answer_edits edits)
    : message_(std::move(answer)), code_(code), edits_(std::move(edits)) {}

  step go_on();
  const dns::name& target() const noexcept { return target_; }
  /// The answer to that, null if there was none: then the CNAME stays as it was.
  void looked_up(const dns::message* found);

  dns::message& message() noexcept { return message_; }
  uint16_t code() const noexcept { return code_; }

private:
  step go_on_with(dns::record& record, const answer_edit& edit);
  step look_for(const dns::record& record, const name_change& change);

  dns::message message_;
  uint16_t code_;
  const answer_edits edits_;
  size_t section_ = 0;       ///< in the order of editing
  size_t record_ = 0;        ///< of the section
  size_t left_ = 0;          ///< edits still to be applied to the record
  bool begun_ = false;       ///< `left_` is the record's
  bool cut_ = false;         ///< what stands behind the record was found for its target, by rules of its own
  bool has_records_ = false; ///< there was one
  dns::name target_;
};

} // namespace troupe::rewrite
