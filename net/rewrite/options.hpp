// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/rewrite/question.hpp"

namespace troupe::rewrite {

/// The options of one query to an upstream while rules are looked at. None of the client's own is among them, but
/// whether it sent one counts.
class option_list {
public:
  /// `asked` must live as long.
  explicit option_list(const dns::edns& asked) noexcept : asked_(asked) {}

  /// False: the rule does not apply (there is no such option, nothing to put into it, no room).
  bool apply(const option_rule& rule, const dns::query& question, const asker& who);

  std::vector<uint8_t> take() && { return std::move(octets_); }

private:
  bool has(uint16_t code) const noexcept;
  bool has_own(uint16_t code) const noexcept;
  void remove(uint16_t code);
  bool add(uint16_t code, std::span<const uint8_t> data);

  const dns::edns& asked_;
  std::vector<uint8_t> octets_;
  std::vector<uint16_t> unset_; ///< of the client's
};

} // namespace troupe::rewrite
