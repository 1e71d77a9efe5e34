// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/net/zone/small_world.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

/// Tables of questions to a small world.
namespace troupe::zone::test {

struct row {
  std::string name;
  dns::rrtype type;
  std::string expected; ///< message::summary
};

inline void check(const small_world& w, const std::vector<row>& rows) {
  for (const row& r : rows)
    EXPECT_EQ(w.ask(r.name, r.type).text, r.expected) << r.name << " type " << static_cast<int>(r.type);
}

/// The summary of an answer that has records.
inline std::string positive(const std::string& answer, const std::string& additional = "") {
  return "NOERROR aa | " + answer + " |  | " + additional;
}

} // namespace troupe::zone::test
