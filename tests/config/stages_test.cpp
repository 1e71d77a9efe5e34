// SPDX-License-Identifier: Apache-2.0
#include "config/directives/acl.hpp"
#include "config/directives/dns64.hpp"
#include "config/directives/header.hpp"
#include "config/directives/hosts.hpp"
#include "config/prefix.hpp"
#include "config/weights.hpp"
#include "net/dns/types.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

/// Directives whose stages are small. `tests/directives` compares their refusals with CoreDNS's.
namespace troupe::config {
namespace {

TEST(small_directives, refuse_what_coredns_refuses) {
  const struct {
    const char *body, *error;
  } rows[] = {
    {"any {\n all\n}", "plugin/any: Corefile:2 - Error during parsing: Unexpected token '{', expecting argument"},
    {"minimal all",
     "plugin/minimal: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after 'all'"},
    {"bufsize 511",
     "plugin/bufsize: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after '511'"},
    {"chaos {\n version\n}", "plugin/chaos: Corefile:3 - Error during parsing: unknown property 'version'"},
    {"nsid a\nnsid b",
     "plugin/nsid: Corefile:3 - Error during parsing: this plugin can only be used once per Server Block"},
    {"local {\n localhost_prefix yes\n}",
     "plugin/local: Corefile:3 - Error during parsing: localhost_prefix expects 'on' or 'off', got \"yes\""},
    {"header {\n response set ad\n}",
     "plugin/header: Corefile:3 - Error during parsing: setting up rule: unknown/unsupported flag=ad"},
    {"erratic {\n drop -1\n}", "plugin/erratic: Corefile:3 - Error during parsing: illegal amount value given \"-1\""},
    {"cancel 0s", "plugin/cancel: Corefile:2 - Error during parsing: invalid negative duration: \"0s\""},
    {"acl {\n block net 10.0.0.0/33\n}",
     "plugin/acl: Corefile:3 - Error during parsing: illegal CIDR notation \"10.0.0.0/33\""},
    {"dns64 64:ff9b::/104", "plugin/dns64: Corefile:2 - Error during parsing: invalid prefix length \"64:ff9b::/104\""},
    {"dns64 64:ff9b::/96 {\n translate_all a b\n}",
     "plugin/dns64: Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after 'b'"},
    {"hosts {\n fallthrough\n 192.0.2.1 www\n}",
     "plugin/hosts: Corefile:4 - Error during parsing: unknown property '192.0.2.1'"},
    {"loadbalance weighted", "plugin/loadbalance: Corefile:2 - Error during parsing: missing weight file argument"},
    {"timeouts {\n read 500ms\n}",
     "plugin/timeouts: Corefile:3 - Error during parsing: timeout provided '500ms' needs to be between 1 second and 24 "
     "hours"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(test::error_of(". {\n" + std::string{row.body} + "\n}\n"), row.error) << row.body;
}

TEST(header, keeps_what_was_said_last_about_a_flag) {
  const auto made = test::planned(". {\nheader {\nresponse set aa ra\nresponse clear ra\n}\n}\n");
  ASSERT_TRUE(made.plan);
  const auto& bits = made.plan->blocks[0].own<header_options>("header").response;
  EXPECT_EQ(bits.apply(dns::flag::ra | dns::flag::rd), dns::flag::aa | dns::flag::rd);
}

TEST(prefix, is_read_and_compared) {
  const struct {
    const char *text, *read, *inside, *outside;
  } rows[] = {
    {"10.0.0.0/8", "10.0.0.0/8", "10.255.0.1", "11.0.0.1"},
    {"10.1.2.3/20", "10.1.0.0/20", "10.1.15.255", "10.1.16.0"},
    {"192.0.2.1", "192.0.2.1/32", "192.0.2.1", "192.0.2.0"},
    {"0.0.0.0/0", "0.0.0.0/0", "1.2.3.4", "::1"},
    {"2001:db8::/33", "2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"},
    {"::1", "::1/128", "::1", "::2"},
  };
  for (const auto& row : rows) {
    const auto net = prefix::from_text(row.text);
    ASSERT_TRUE(net) << row.text;
    EXPECT_EQ(net->to_text(), row.read);
    const auto in = prefix::from_text(row.inside), out = prefix::from_text(row.outside);
    EXPECT_TRUE(net->holds(in->octets, in->v6)) << row.text;
    EXPECT_FALSE(net->holds(out->octets, out->v6)) << row.text;
  }
  for (const char* text : {"", "10.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "a/8", "10.0.0.0/8/8"})
    EXPECT_FALSE(prefix::from_text(text)) << text;
}

TEST(dns64, embeds_addresses) {
  const struct {
    const char *prefix, *got;
  } rows[] = {
    // RFC 6052 section 2.4
    {"2001:db8::/32", "2001:db8:c000:221::/128"},
    {"2001:db8:100::/40", "2001:db8:1c0:2:21::/128"},
    {"2001:db8:122::/48", "2001:db8:122:c000:2:2100::/128"},
    {"2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::/128"},
    {"2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::/128"},
    {"2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33/128"},
  };
  const uint8_t v4[] = {192, 0, 2, 33};
  for (const auto& row : rows) {
    dns64_options options;
    options.prefix = *prefix::from_text(row.prefix);
    EXPECT_EQ((prefix{options.embed(v4), 128, true}.to_text()), prefix::from_text(row.got)->to_text()) << row.prefix;
  }
}

TEST(dns64, passes_over_options_behind_a_prefix) {
  const auto made = test::planned(". {\ndns64 64:1337::/96 {\ntranslate_all\nprefix 2001:db8::/96\n}\n}\n");
  ASSERT_TRUE(made.plan);
  const auto& options = made.plan->blocks[0].own<dns64_options>("dns64");
  EXPECT_EQ(options.prefix.to_text(), "2001:db8::/96");
  EXPECT_FALSE(options.translate_all);
  EXPECT_EQ(made.plan->warnings.size(), 1u);
}

TEST(weights, are_read_by_name_and_address) {
  const auto read =
    parse_weights("# first\nwww.example.org\n192.0.2.1 3\n\n2001:db8::1 255\nOther.\n192.0.2.1 7\n", "w");
  const auto* weights = std::get_if<address_weights>(&read);
  ASSERT_TRUE(weights) << std::get<std::string>(read);
  const auto of = [&](const char* name, const char* address) {
    const auto host = prefix::from_text(address);
    return weights->of(*dns::name::from_text(name), host->octets, host->v6);
  };
  EXPECT_EQ(of("WWW.example.org", "192.0.2.1"), 3u);
  EXPECT_EQ(of("www.example.org", "2001:db8::1"), 255u);
  EXPECT_EQ(of("www.example.org", "192.0.2.2"), 1u);
  EXPECT_EQ(of("other", "192.0.2.1"), 7u);
  EXPECT_EQ(of("none", "192.0.2.1"), 1u);
  const struct {
    const char *text, *problem;
  } wrong[] = {
    {"192.0.2.1 1", "missing domain name in weight file w"},
    {"a\n192.0.2.1 0", "wrong weight value:\"0\" in weight file w"},
    {"a\n192.0.2.1 256", "wrong weight value:\"256\" in weight file w"},
    {"a\n192.0.2 1", "wrong IP address:\"192.0.2\" in weight file w"},
    {"a\n192.0.2.1", "wrong domain name:\"192.0.2.1\" in weight file w. (Maybe a missing weight value?)"},
    {"a\n192.0.2.1 1 2", "could not parse weight line:\"192.0.2.1 1 2\" in weight file w"},
  };
  for (const auto& row : wrong)
    EXPECT_EQ(std::get<std::string>(parse_weights(row.text, "w")), row.problem) << row.text;
}

} // namespace
} // namespace troupe::config
