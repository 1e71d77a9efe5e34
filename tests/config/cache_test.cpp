// SPDX-License-Identifier: Apache-2.0
#include "config/duration.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;
using namespace std::chrono_literals;

namespace {

cache_options parsed(const std::string& line, const std::string& key = ".:53") {
  auto result = test::planned(key + " {\n" + line + "\n}\n");
  EXPECT_TRUE(result.plan) << line << ": " << (result.error ? result.error->text() : "");
  return result.plan ? *result.plan->blocks.at(0).cache : cache_options{};
}

cache_options with(const std::string& lines) {
  return parsed("cache {\n" + lines + "\n}");
}

/// `CAPACITY TTL MINTTL`
std::string text(const cache_options::side& side) {
  return std::to_string(side.capacity) + " " + std::to_string(side.max_ttl) + " " + std::to_string(side.min_ttl);
}

/// `FOR immediate|verify TIMEOUT TTL RECHECK`
std::string stale(const std::string& words) {
  const auto c = with("serve_stale" + words);
  return duration_text(c.serve_stale) + (c.stale_verify ? " verify " : " immediate ") +
         duration_text(c.verify_timeout) + " " + std::to_string(c.stale_ttl) + " " + duration_text(c.stale_recheck);
}

} // namespace

TEST(cache, has_the_defaults_of_coredns) {
  const auto c = parsed("cache");
  EXPECT_EQ(c.at.line, 2);
  EXPECT_EQ(c.zones_text, ".");
  EXPECT_EQ(text(c.success), "9984 3600 5");
  EXPECT_EQ(text(c.denial), "9984 1800 5");
  EXPECT_FALSE(c.success.any_disabled || c.denial.any_disabled || c.keep_ttl || c.prefer_positive);
  EXPECT_EQ(c.prefetch, 0u);
  EXPECT_EQ(c.prefetch_within, 1min);
  EXPECT_EQ(c.prefetch_percentage, 10u);
  EXPECT_EQ(c.serve_stale, 0s);
  EXPECT_EQ(c.servfail, 5s);
}

TEST(cache, takes_ttl_and_zones) {
  struct {
    const char* key;
    const char* line;
    const char* success;
    const char* zones;
  } cases[] = {
    {".:53", "cache 30", "9984 30 5", "."},
    {"a:53 B", "cache 30", "9984 30 5", "a.,b."},
    {".:53", "cache example.org 10.0.0.0/15", "9984 3600 5", "example.org.,0.10.in-addr.arpa.,1.10.in-addr.arpa."},
    {".:53", "cache 30 Example.org a..b", "9984 30 5", "example.org."},
    {".:53", "cache a..b", "9984 3600 5", ""},
    {".:53", "cache 99999999999", "9984 2147483647 5", "."},
    {".:53", "cache 30 {\nsuccess 5000 60\n}", "4864 60 5", "."},
  };
  for (const auto& c : cases) {
    const auto got = parsed(c.line, c.key);
    EXPECT_EQ(text(got.success), c.success) << c.line;
    EXPECT_EQ(got.zones_text, c.zones) << c.line;
  }
  const auto one = parsed("cache example.org");
  EXPECT_NE(one.zones.longest(test::name("x.example.org").wire()), zone_index::none);
  EXPECT_EQ(one.zones.longest(test::name("org").wire()), zone_index::none);
}

TEST(cache, rounds_capacities_as_coredns_does) {
  struct {
    const char* written;
    size_t expected;
  } cases[] = {{"10000", 9984}, {"9984", 9984}, {"1024", 1024}, {"1023", 1024},
               {"0", 1024},     {"-5", 1024},   {"1280", 1280}};
  for (const auto& c : cases)
    EXPECT_EQ(with("denial " + std::string{c.written}).denial.capacity, c.expected) << c.written;
}

TEST(cache, reads_all_options) {
  const auto c = with("success 2560 60 0 dropped\ndenial 5120 30 1\nprefetch 3 2m 20%\nserve_stale\n"
                      "serve_stale_policy Prefer_Positive\nservfail 0\ndisable success\ndisable denial A b\n"
                      "disable denial c\nkeepttl");
  EXPECT_EQ(text(c.success), "2560 60 0");
  EXPECT_EQ(text(c.denial), "5120 30 1");
  EXPECT_EQ(c.prefetch, 3u);
  EXPECT_EQ(c.prefetch_within, 2min);
  EXPECT_EQ(c.prefetch_percentage, 20u);
  EXPECT_TRUE(c.prefer_positive && c.keep_ttl && c.success.any_disabled && c.denial.any_disabled);
  EXPECT_EQ(c.servfail, 0s);
  EXPECT_NE(c.success.disabled.longest(test::name("x").wire()), zone_index::none);
  EXPECT_NE(c.denial.disabled.longest(test::name("x.C").wire()), zone_index::none);
  EXPECT_EQ(c.denial.disabled.longest(test::name("a").wire()), zone_index::none); // the last line counts
}

TEST(cache, reads_what_may_be_stale) {
  struct {
    const char* words;
    const char* expected;
  } cases[] = {
    {"", "1h0m0s immediate 0s 0 0s"},
    {" 5m", "5m0s immediate 0s 0 0s"},
    {" 0", "0s immediate 0s 0 0s"},
    {" 1h Immediate 30s", "1h0m0s immediate 0s 30 0s"},
    {" 1h immediate 30s 10s", "1h0m0s immediate 0s 30 10s"},
    {" 1h verify", "1h0m0s verify 0s 0 0s"},
    {" 1h verify 100ms", "1h0m0s verify 100ms 0 0s"},
    {" 1h verify 100ms 30s", "1h0m0s verify 100ms 30 0s"},
    {" 1h VERIFY 100ms 30s 5m", "1h0m0s verify 100ms 30 5m0s"},
    {" 1h verify 1s 1s 1s\nserve_stale 2h", "2h0m0s immediate 0s 0 0s"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(stale(c.words), c.expected) << c.words;
}

TEST(cache, refuses_in_the_words_of_coredns) {
  const std::string wrong_count = "Wrong argument count or unexpected line ending after ";
  struct {
    const char* line;
    std::string expected;
  } cases[] = {
    {"x", wrong_count + "'x'"},
    {"success", wrong_count + "'success'"},
    {"success x", "strconv.Atoi: parsing \"x\": invalid syntax"},
    {"success 1 0", "cache TTL can not be zero or negative: 0"},
    {"denial 1 -1", "cache TTL can not be zero or negative: -1"},
    {"denial 1 x", "strconv.Atoi: parsing \"x\": invalid syntax"},
    {"denial 1 1 -1", "cache min TTL can not be negative: -1"},
    {"prefetch", wrong_count + "'prefetch'"},
    {"prefetch 1 1m 10% x", wrong_count + "'x'"},
    {"prefetch -1", "prefetch amount should be positive: -1"},
    {"prefetch 1 1", "time: missing unit in duration \"1\""},
    {"prefetch 1 1m 10", "last character of percentage should be `%`, but is: '0'"},
    {"prefetch 1 1m \"\"", "last character of percentage should be `%`, but is: ''"},
    {"prefetch 1 1m x%", "strconv.Atoi: parsing \"x\": invalid syntax"},
    {"prefetch 1 1m 9%", "percentage should fall in range [10, 90]: 9"},
    {"serve_stale 1h verify 1s 1s 1s 1s", wrong_count + "'1s'"},
    {"serve_stale 1h immediate 1s 1s 1s", wrong_count + "'1s'"},
    {"serve_stale 5", "time: missing unit in duration \"5\""},
    {"serve_stale -1s", "invalid negative duration for serve_stale"},
    {"serve_stale 1h Never", "invalid value for serve_stale refresh mode: never"},
    {"serve_stale 1h verify 1", "invalid serve_stale verify timeout: time: missing unit in duration \"1\""},
    {"serve_stale 1h verify -1s", "invalid negative timeout for serve_stale verify"},
    {"serve_stale 1h immediate 1", "invalid serve_stale response TTL: time: missing unit in duration \"1\""},
    {"serve_stale 1h immediate -1s", "invalid negative response TTL for serve_stale"},
    {"serve_stale 1h immediate 1.5s", "serve_stale response TTL must be a whole number of seconds"},
    {"serve_stale 1h immediate 2000000h", "serve_stale response TTL exceeds the DNS TTL range"},
    {"serve_stale 1h immediate 1s 1", "invalid serve_stale failure recheck: time: missing unit in duration \"1\""},
    {"serve_stale 1h verify 1s 1s -1s", "invalid negative failure recheck for serve_stale"},
    {"serve_stale 1h verify 1s 1s 301s", "serve_stale failure recheck cannot exceed 5 minutes"},
    {"serve_stale_policy", wrong_count + "'serve_stale_policy'"},
    {"serve_stale_policy x", "invalid serve_stale_policy: x"},
    {"servfail", wrong_count + "'servfail'"},
    {"servfail -1s", "invalid negative ttl for servfail"},
    {"servfail 301s", "caching SERVFAIL responses over 5 minutes is not permitted"},
    {"disable", wrong_count + "'disable'"},
    {"disable x", "cache type for disable must be \"success\" or \"denial\""},
    {"disable success a..b", "invalid disabled zone: a..b"},
    {"keepttl x", wrong_count + "'x'"},
  };
  const std::string front = "plugin/cache: Corefile:3 - Error during parsing: ";
  for (const auto& c : cases)
    EXPECT_EQ(test::error_of(".:53 {\ncache {\n" + std::string{c.line} + "\n}\n}"), front + c.expected) << c.line;
  EXPECT_EQ(test::error_of(".:53 {\ncache 0\n}"),
            "plugin/cache: Corefile:2 - Error during parsing: cache TTL can not be zero or negative: 0");
  EXPECT_EQ(test::error_of(".:53 {\ncache\ncache\n}"), front + "this plugin can only be used once per Server Block");
  EXPECT_EQ(test::error_of(".:53 {\ncache {\nserve_stale_policy prefer_positive\n}\n}"),
            "plugin/cache: Corefile:4 - Error during parsing: serve_stale_policy requires serve_stale");
  EXPECT_EQ(test::error_of(".:53 {\ncache {\nserve_stale\nserve_stale_policy prefer_positive\n"
                           "serve_stale_policy prefer_positive\n}\n}"),
            "plugin/cache: Corefile:5 - Error during parsing: serve_stale_policy can only be specified once");
}

TEST(cache, is_the_same_if_it_means_the_same) {
  struct {
    const char* a;
    const char* b;
    bool equal;
  } cases[] = {
    {".:53 {\ncache\n}", ". {\nerrors\ncache 3600 {\ndenial 10000 1800\n}\n}", true},
    {".:53 {\ncache {\nkeepttl\nservfail 5s\n}\n}", ".:53 {\ncache {\nkeepttl\n}\n}", true},
    {".:53 {\ncache {\ndisable denial a b\n}\n}", ".:53 {\ncache {\ndisable denial B A a\n}\n}", true},
    {".:53 {\ncache 30\n}", ".:53 {\ncache 31\n}", false},
    {".:53 {\ncache\n}", ".:1053 {\ncache\n}", false},
    {".:53 {\ncache\n}", ".:53 {\nbind ::1\ncache\n}", false},
    {".:53 {\ncache a\n}", ".:53 {\ncache b\n}", false},
    {".:53 {\ncache {\ndisable denial\n}\n}", ".:53 {\ncache {\ndisable success\n}\n}", false},
    {".:53 {\ncache {\nserve_stale 1h verify\n}\n}", ".:53 {\ncache {\nserve_stale 1h immediate\n}\n}", false},
    {".:53 {\ncache {\nprefetch 1\n}\n}", ".:53 {\ncache\n}", false},
  };
  const auto identity = [](const char* text) {
    auto result = test::planned(text);
    return result.plan ? result.plan->blocks.at(0).cache->identity() : result.error->text();
  };
  for (const auto& c : cases)
    EXPECT_EQ(identity(c.a) == identity(c.b), c.equal) << c.a << " / " << c.b;
}
