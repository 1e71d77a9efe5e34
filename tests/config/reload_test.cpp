// SPDX-License-Identifier: Apache-2.0
#include "config/duration.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;
using test::machine;

namespace {

std::string digest_of(const std::string& text, const machine& m = {}) {
  return test::planned(text, m).origin.digest;
}

} // namespace

TEST(reload, reads_interval_and_jitter) {
  struct {
    const char* line;
    const char* expected; // interval and jitter, or the error
  } cases[] = {
    {"reload", "30s 15s"},
    {"reload {\n}", "30s 15s"},
    {"reload 10s", "10s 5s"},
    {"reload 2s", "2s 1s"},
    {"reload 1m 5s", "1m0s 5s"},
    {"reload 30s 0", "30s 0s"},
    {"reload 30s 1m", "30s 15s"},
    {"reload 5s\nreload 1s", "5s 2.5s"}, // the first counts, the others are not looked at
    {"reload 1.9s", "interval value must be greater or equal to 2s"},
    {"reload 0", "interval value must be greater or equal to 2s"},
    {"reload -5s", "interval value must be greater or equal to 2s"},
    {"reload 30s 999ms", "jitter value must be 0 or greater or equal to 1s"},
    {"reload 30s -1s", "jitter value must be 0 or greater or equal to 1s"},
    {"reload 30", "time: missing unit in duration \"30\""},
    {"reload 30s x", "time: invalid duration \"x\""},
    {"reload 1m 1m 1m", "Wrong argument count or unexpected line ending after '1m'"},
  };
  for (const auto& c : cases) {
    const auto result = test::planned(".:53 {\n" + std::string{c.line} + "\n}\n");
    if (result.plan) {
      const auto& r = *result.plan->blocks.at(0).reload;
      EXPECT_EQ(duration_text(r.interval) + " " + duration_text(r.jitter), c.expected) << c.line;
    } else {
      EXPECT_EQ(result.error->text(),
                "plugin/reload: /etc/coredns/Corefile:2 - Error during parsing: " + std::string{c.expected})
        << c.line;
    }
  }
}

TEST(reload, belongs_to_the_process) {
  const auto result = test::planned("a {\nreload 5s\n}\nb {\nreload 6s\n}\nc {\nerrors\n}\n");
  ASSERT_TRUE(result.plan);
  EXPECT_EQ(duration_text(result.plan->reload->interval), "6s");
  EXPECT_FALSE(test::planned("a {\nerrors\n}").plan->reload);
  const auto twice = test::planned("a {\nreload\nreload 5s\n}\n");
  EXPECT_EQ(
    twice.plan->warnings,
    std::vector<std::string>{"/etc/coredns/Corefile:3 - plugin/reload: only the first 'reload' of a block counts"});
}

TEST(reload, sees_a_change_of_what_the_corefile_says) {
  machine m;
  m.variables = {{"A", "errors"}, {"B", "lameduck"}};
  m.files = {{"/etc/coredns/e", "errors\n"}};
  const std::string base = ".:53 {\nerrors\nhealth {\nlameduck 5s\n}\n}\n", digest = digest_of(base);
  EXPECT_EQ(digest.size(), 128u);
  EXPECT_EQ(digest.find_first_not_of("0123456789abcdef"), digest.npos);
  struct {
    const char* text;
    bool same;
  } cases[] = {
    {".:53   {\n  errors # behind\r\n health {\n\"lameduck\" 5s\n}\n\n}\n# end", true},
    {"# front\n.:53 {\nerrors\nhealth {\nlameduck 5s\n}\n}\n", false}, // in CoreDNS too: lines count
    {".:53 {\n{$A}\nhealth {\nlameduck 5s\n}\n}", false},              // a directive's own word is taken as written
    {".:53 {\nerrors\nhealth {\n{$B} 5s\n}\n}", true},
    {".:53 {\nimport e\nhealth {\nlameduck 5s\n}\n}", false}, // from another file
    {".:53 {\nerrors\nhealth {\nlameduck 6s\n}\n}", false},
    {".:53 {\nhealth {\nlameduck 5s\n}\nerrors\n}", false},
    {".:54 {\nerrors\nhealth {\nlameduck 5s\n}\n}", false},
    {".:53 {\nerrors\n}\n", false},
    {".:53 {\nerrors\nhealth {\nlameduck 5 s\n}\n}", false},
    {".:53 {\nerrors\nhealth {\nlameduck\n5s\n}\n}", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(digest_of(c.text, m) == digest, c.same) << c.text;
  EXPECT_EQ(test::planned(base).plan->digest, digest);
  EXPECT_EQ(digest_of(".:53 {\nerrors\n"), ""); // not even read to its end
}

/// What CoreDNS 1.14.7 logs for these as "Running configuration SHA512".
TEST(reload, has_the_digest_that_coredns_has) {
  machine m;
  m.variables = {{"WHICH", "reload"}, {"FAILS", "3"}};
  m.files = {{"/tmp/coredns/custom/one.conf", "cache 30\n\nloadbalance\n"}};
  const struct {
    const char* file;
    const char* text;
    const char* digest;
  } cases[] = {
    {"/tmp/coredns/Corefile",
     "# a comment\n(snip) {\n  errors\n  log . \"{remote} <&> {rcode}\"\n}\n\n. example.org {\n  bind 127.0.0.1\n"
     "  import snip\n  {$WHICH} 2s 1s # behind\n  import custom/one.conf\n  import custom/*.override\n"
     "  forward . 127.0.0.1:9 {\n    max_fails {$FAILS}\n  }\n}\n",
     "6dead7c570c558df40ec7e7046fe5ce7a7a90c8d7bdd9423b612ef4c8dbcb615"
     "f0540b593c938a9acbb6d5e659047477a3e92c067fc7a5cb490e3238067d7592"},
    {"Corefile",
     ".:30053 {\n  bind 127.0.0.1\n  reload\n  log a. \"quoted \\\"word\\\" over\nlines\tand \\ more\"\n  log b.\n  "
     "log c. \u00e9\u2028\n}\n",
     "bda72a317cac3bf14650239e2592c8b2f35f000de90a2b2347b3f5967ca33ce9"
     "f1e85f9f64e6edcc15075b1c6b676bfe9a3911d54f8d3e7f579b9d8e848e69e2"},
    {"Corefile",
     "a:30053 b:30053,\nc:30053 {\n  bind 127.0.0.1\n  reload 2s\n  errors\n}\nd:30053 {\n  bind 127.0.0.1\n}\n",
     "398492484418ce7f1a15238cd308aa1292296c0a20eeea5e80cc40e753662a6f"
     "d4380aaaaffb096aa7a7a99661017b76586a7c67d4b08f6e3525232503957dd6"},
  };
  for (const auto& c : cases) {
    const auto made = make_plan(c.file, c.text, m.env());
    EXPECT_EQ(made.origin.digest, c.digest) << (made.error ? made.error->text() : c.text);
  }
}

TEST(reload, knows_the_files_to_look_at) {
  machine m;
  m.files = {{"/etc/coredns/custom/a.conf", "errors\nimport ../deep\n"},
             {"/etc/coredns/custom/b.conf", ""},
             {"/etc/coredns/deep", "loadbalance\n"}};
  using list = std::vector<std::string>;
  struct {
    const char* text;
    list files, patterns;
  } cases[] = {
    {".:53 {\nerrors\n}\n", {}, {}},
    {".:53 {\nimport custom/*.conf\nimport deep\n}\nimport /x/*\nimport /x/*\n",
     {"/etc/coredns/custom/a.conf", "/etc/coredns/custom/b.conf", "/etc/coredns/deep"},
     {"/etc/coredns/custom/*.conf", "/x/*"}},
    {".:53 {\nimport missing\n}\n", {"/etc/coredns/missing"}, {}},
    {".:53 {\nimport deep\nhealth x\n}\n", {"/etc/coredns/deep"}, {}},
  };
  for (auto& c : cases) {
    const auto origin = test::planned(c.text, m).origin;
    c.files.insert(c.files.begin(), "/etc/coredns/Corefile");
    EXPECT_EQ(origin.files, c.files) << c.text;
    EXPECT_EQ(origin.patterns, c.patterns) << c.text;
  }
}

TEST(loop, takes_no_options_but_from_outside) {
  const std::string text = ".:53 {\nloop\n}\na {\nerrors\n}\n", front = "plugin/loop: Corefile:";
  machine m;
  auto plain = test::planned(text, m);
  ASSERT_TRUE(plain.plan);
  EXPECT_EQ(plain.plan->blocks[0].loop->at.line, 2);
  EXPECT_FALSE(plain.plan->blocks[0].loop->report);
  EXPECT_FALSE(plain.plan->blocks[1].loop);
  m.variables = {{"TROUPE_LOOP", "report"}};
  EXPECT_TRUE(test::planned(text, m).plan->blocks[0].loop->report);
  m.variables = {{"TROUPE_LOOP", "ignore"}};
  auto odd = test::planned(text, m);
  EXPECT_FALSE(odd.plan->blocks[0].loop->report);
  EXPECT_EQ(odd.plan->warnings,
            std::vector<std::string>{"TROUPE_LOOP: 'ignore' means nothing; 'report' keeps the process after a loop"});
  EXPECT_EQ(test::error_of(".:53 {\nloop x\n}"),
            front + "2 - Error during parsing: Wrong argument count or unexpected line ending after 'x'");
  EXPECT_EQ(test::error_of(".:53 {\nloop\nloop\n}"),
            front + "3 - Error during parsing: this plugin can only be used once per Server Block");
}
