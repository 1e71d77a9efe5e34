// SPDX-License-Identifier: Apache-2.0
// Corefiles that would become too much.
#include "config/bounds.hpp"
#include "config/parser.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe::config;
using namespace troupe::config::test;

namespace {

std::string times(size_t n, const std::string& text) {
  std::string out;
  for (size_t i = 0; i < n; ++i)
    out += text;
  return out;
}

/// `front`, then a number, then `back`, for each number from 0.
std::string numbered(size_t n, const std::string& front, const std::string& back) {
  std::string out;
  for (size_t i = 0; i < n; ++i)
    out += front + std::to_string(i) + back;
  return out;
}

/// Different networks of 128 zones each.
std::string networks(size_t n) {
  std::string out;
  for (size_t i = 0; i < n; ++i)
    out += std::to_string(1 + i / 512) + "." + std::to_string(i / 2 % 256) + "." + (i % 2 ? "128" : "0") + ".0/17 ";
  return out;
}

} // namespace

TEST(bounds, say_what_is_too_much_and_where) {
  machine m;
  m.variables["LONG"] = std::string(100'000, 'a');
  const std::string words = " - Error during parsing: more than 1000000 words";
  const std::string octets = " - Error during parsing: more than 16777216 octets after imports and variables";
  const std::string zones = " - Error during parsing: more than 100000 zones at all addresses";
  struct {
    const char* name;
    std::string text;
    std::string error; ///< part of it; empty: none
  } cases[] = {
    {"blocks", numbered(max_blocks, "z", ".example {\nerrors\n}\n"), ""},
    {"one block more", numbered(max_blocks + 1, "z", ".example {\nerrors\n}\n"),
     "Corefile:30001 - Error during parsing: more than 10000 server blocks"},
    {"words", ". {\nlog " + times(max_tokens, "a ") + "\n}\n", words},
    {"keys", numbered(max_tokens + 1, "z", " "), words},
    {"words after imports", "(s) {\n" + times(2'000, "errors\n") + "}\n. {\n" + times(1'000, "import s\n") + "}\n",
     words},
    {"variables", ". {\nlog " + times(1'000, "{$LONG} ") + "\n}\n", octets},
    {"a word of variables", ". {\nlog " + times(100'000, "{$LONG}") + "\n}\n", octets},
    {"networks", networks(1'000) + "{\nerrors\n}\n", zones},
    {"networks of many blocks", times(2, networks(400) + "{\nerrors\n}\n"), zones},
    {"zones at many addresses",
     numbered(1'000, "z", ".example ") + "{\nbind" + numbered(200, " 127.0.0.", "") + "\n}\n", zones},
  };
  for (auto& c : cases) {
    const auto result = planned(c.text, m);
    const std::string error = result.error ? result.error->text() : "";
    EXPECT_EQ(error.empty(), c.error.empty()) << c.name << ": " << error.substr(0, 200);
    EXPECT_NE(error.find(c.error), std::string::npos) << c.name << ": " << error.substr(0, 200);
  }
}

TEST(bounds, many_ports_cost_no_square) {
  std::string text;
  for (int port = 1; port <= 9'000; ++port)
    text += ".:" + std::to_string(port) + " ";
  const auto result = planned(text + "{\nerrors\n}\n");
  ASSERT_TRUE(result.plan) << result.error->text();
  EXPECT_EQ(result.plan->listeners.size(), 9'000u);
}
