// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/message.hpp"

#include <algorithm>

namespace troupe::dns::test {

/// Equality to the last octet, letter case included, as a text that says what differs ("" if nothing does).
inline std::string difference(const message& a, const message& b) {
  auto same_name = [](const name& x, const name& y) {
    return std::equal(x.wire().begin(), x.wire().end(), y.wire().begin(), y.wire().end());
  };
  if (a.id != b.id || a.flags != b.flags)
    return "header";
  if (a.questions.size() != b.questions.size())
    return "number of questions";
  for (size_t i = 0; i < a.questions.size(); ++i) {
    const auto &x = a.questions[i], &y = b.questions[i];
    if (!same_name(x.owner, y.owner) || x.type != y.type || x.rrclass != y.rrclass)
      return "question " + std::to_string(i);
  }
  for (size_t where = 0; where < 3; ++where) {
    if (a.sections[where].size() != b.sections[where].size())
      return "number of records in section " + std::to_string(where);
    for (size_t i = 0; i < a.sections[where].size(); ++i) {
      const auto &x = a.sections[where][i], &y = b.sections[where][i];
      if (!same_name(x.owner, y.owner) || x.type != y.type || x.rrclass != y.rrclass || x.ttl != y.ttl ||
          x.data != y.data)
        return "record " + std::to_string(i) + " of section " + std::to_string(where) + ": " + x.owner.to_text() +
               " and " + y.owner.to_text() + ", type " + std::to_string(x.type) + ", data " + dns::to_text(x.data) +
               " and " + dns::to_text(y.data);
    }
  }
  return {};
}

} // namespace troupe::dns::test
