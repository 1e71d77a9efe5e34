// SPDX-License-Identifier: Apache-2.0
#include "config/duration.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;
using namespace std::chrono_literals;
using test::machine;

namespace {

machine node() {
  machine m;
  m.files = {{"/etc/resolv.conf", "nameserver 10.0.0.2\n"},
             {"/etc/coredns/beside", "nameserver 10.0.0.3\n"},
             {"/etc/coredns/none", "search a b\nnameserver example.org\n"}};
  m.hosts = {{"dns.example", {"192.0.2.53", "2001:db8::53"}},
             {"dns.example by 10.0.0.1 [::1]:5353", {"192.0.2.54", "192.0.2.54"}},
             {"twin.example", {"192.0.2.53"}}};
  return m;
}

forward_options parsed(const std::string& line) {
  auto result = test::planned(".:53 {\n" + line + "\n}\n", node());
  EXPECT_TRUE(result.plan) << line << ": " << (result.error ? result.error->text() : "");
  return result.plan ? result.plan->blocks.at(0).forward.at(0) : forward_options{};
}

forward_options with(const std::string& lines) {
  return parsed("forward . 192.0.2.1 192.0.2.2 {\n" + lines + "\n}");
}

std::string upstreams(const forward_options& f) {
  std::string text;
  for (const auto& source : f.to)
    text += (text.empty() ? "" : " ") + std::string{source.tls ? "tls://" : ""} +
            (source.file.empty() ? source.address.text() : source.file) +
            (source.server_name.empty() ? "" : "%" + source.server_name);
  return text;
}

std::string error_of(const std::string& line) {
  return test::error_of(".:53 {\n" + line + "\n}\n", node());
}

} // namespace

TEST(forward, has_the_defaults_of_coredns) {
  const auto f = parsed("forward . 8.8.8.8");
  EXPECT_EQ(f.at.line, 2);
  EXPECT_EQ(f.from, std::vector<dns::name>(1));
  EXPECT_EQ(upstreams(f), "8.8.8.8:53");
  EXPECT_TRUE(f.except.empty());
  EXPECT_FALSE(f.force_tcp || f.prefer_udp || f.next_on_nodata || f.failfast_all_unhealthy);
  EXPECT_EQ(f.max_fails, 2u);
  EXPECT_EQ(f.max_connect_attempts, std::nullopt);
  EXPECT_EQ(f.expire, 10s);
  EXPECT_EQ(f.max_age, 0s);
  EXPECT_EQ(f.read_timeout, 2s);
  EXPECT_EQ(f.policy, upstream_policy::random);
  EXPECT_EQ(f.health_check, 500ms);
  EXPECT_TRUE(f.probe_recursion);
  EXPECT_TRUE(f.probe_domain.is_root());
  EXPECT_EQ(f.max_concurrent + f.max_idle_connections, 0u);
}

TEST(forward, reads_all_options) {
  const auto f = with("except Example.org a..b\nexcept 10.0.0.0/8\nforce_tcp\nprefer_udp\nmax_fails 0\n"
                      "max_connect_attempts 7\nexpire 20s\nmax_age 1m\nmax_idle_conns 5\nread_timeout 100ms\n"
                      "policy round_robin\nhealth_check 5s no_rec domain Example.ORG\nmax_concurrent 1000\n"
                      "next nxdomain SERVFAIL\nnext NOERROR servfail\nnext_on_nodata\n"
                      "failfast_all_unhealthy_upstreams\nfailover REFUSED NOTIMPL\nsource_address 0:0::1");
  EXPECT_NE(f.except.longest(test::name("x.example.org").wire()), zone_index::none);
  EXPECT_NE(f.except.longest(test::name("1.10.in-addr.arpa").wire()), zone_index::none);
  EXPECT_EQ(f.except.longest(test::name("org").wire()), zone_index::none);
  EXPECT_TRUE(f.force_tcp && f.prefer_udp && f.next_on_nodata && f.failfast_all_unhealthy);
  EXPECT_EQ(f.max_fails, 0u);
  EXPECT_EQ(f.max_connect_attempts, 7u);
  EXPECT_EQ(f.expire, 20s);
  EXPECT_EQ(f.max_age, 1min);
  EXPECT_EQ(f.max_idle_connections, 5u);
  EXPECT_EQ(f.read_timeout, 100ms);
  EXPECT_EQ(f.policy, upstream_policy::round_robin);
  EXPECT_EQ(f.health_check, 5s);
  EXPECT_FALSE(f.probe_recursion);
  EXPECT_EQ(f.probe_domain.to_text(), "example.org.");
  EXPECT_EQ(f.max_concurrent, 1000u);
  EXPECT_EQ(f.next, (std::vector<uint16_t>{0, 2, 3}));
  EXPECT_EQ(f.failover, (std::vector<uint16_t>{4, 5}));
  EXPECT_EQ(f.source_address, "::1");
  EXPECT_EQ(with("max_connect_attempts 0 policy sequential").policy, upstream_policy::sequential);
  EXPECT_EQ(with("max_concurrent 99999999999").max_concurrent, UINT32_MAX);
}

TEST(forward, knows_where_to) {
  struct {
    const char* words;
    const char* expected;
  } cases[] = {
    {"8.8.8.8", "8.8.8.8:53"},
    {"8.8.8.8:5353 dns://1.1.1.1 dns://1.1.1.1:54", "8.8.8.8:5353 1.1.1.1:53 1.1.1.1:54"},
    {"::1 [::2] [0:0::3]:54", "[::1]:53 [::2]:53 [::3]:54"},
    {"1.1.1.1 1.1.1.1:53 dns://1.1.1.1 ::1 0::1", "1.1.1.1:53 [::1]:53"},
    {"fe80::1%eth0 [fe80::1%eth1]:54", "[fe80::1%eth0]:53 [fe80::1%eth1]:54"},
    {"febf::1%3 fec0::1%3", "[febf::1%3]:53 [fec0::1]:53"},
    {"1.1.1.1%name 2001:db8::1%eth0", "1.1.1.1:53 [2001:db8::1]:53"},
    {"/etc/resolv.conf", "/etc/resolv.conf"},
    {"beside 1.1.1.1 ../coredns/beside", "/etc/coredns/beside 1.1.1.1:53"},
    {"none 1.1.1.1", "/etc/coredns/none 1.1.1.1:53"},
    {"tls://1.1.1.1 tls://1.0.0.1:8853 9.9.9.9", "tls://1.1.1.1:853 tls://1.0.0.1:8853 9.9.9.9:53"},
    {"tls://1.1.1.1%one.one TLS://1.0.0.1%one.one:8853", "tls://1.1.1.1:853%one.one tls://1.0.0.1:8853%one.one"},
    {"tls://::1 tls://[::2] tls://[::3]:54", "tls://[::1]:853 tls://[::2]:853 tls://[::3]:54"},
    {"tls://::1%a.b tls://[::2%a.b] tls://[::3%a.b]:54", "tls://[::1]:853%a.b tls://[::2]:853%a.b tls://[::3]:54%a.b"},
    {"tls://1.1.1.1%", "tls://1.1.1.1:853"},
    {"tls://fe80::1%eth0", "tls://[fe80::1]:853%eth0"},
    {"tls://1.1.1.1 1.1.1.1:853 tls://1.1.1.1%x", "tls://1.1.1.1:853"},
    {"1.1.1.1:853 tls://1.1.1.1", "1.1.1.1:853"},
    {"tls:///etc/resolv.conf", "/etc/resolv.conf"},
    {"dns.example", "192.0.2.53:53 [2001:db8::53]:53"},
    {"dns.example:5353 twin.example", "192.0.2.53:5353 [2001:db8::53]:5353 192.0.2.53:53"},
    {"twin.example dns.example dns://twin.example", "192.0.2.53:53 [2001:db8::53]:53"},
    {"tls://dns.example 10.0.0.1", "tls://192.0.2.53:853 tls://[2001:db8::53]:853 10.0.0.1:53"},
    {"tls://twin.example%name:8853", "tls://192.0.2.53:8853%name"},
    {"10.0.0.1 dns.example {\nresolver 10.0.0.1 [::1]:5353\n}", "10.0.0.1:53 192.0.2.54:53"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(upstreams(parsed("forward . " + std::string{c.words})), c.expected) << c.words;
  EXPECT_EQ(parsed("forward Example.org:53 ::1").from, std::vector{test::name("example.org")});
  EXPECT_EQ(parsed("forward 10.0.0.0/15 ::1").from.size(), 2u);
}

TEST(forward, warns_where_no_tls_is_meant_to_be) {
  const auto made = test::planned(".:53 {\nforward . tls:///etc/resolv.conf\n}\n", node());
  ASSERT_TRUE(made.plan) << made.error->text();
  ASSERT_EQ(made.plan->warnings.size(), 1u);
  EXPECT_EQ(made.plan->warnings[0],
            "plugin/forward: tls:///etc/resolv.conf: the servers of a file are asked without TLS");
}

TEST(forward, may_stand_several_times) {
  auto result = test::planned(".:53 {\nforward a ::1\nforward . ::2 {\nnext SERVFAIL\n}\nforward . ::3\n}\n");
  ASSERT_TRUE(result.plan) << result.error->text();
  std::string all;
  for (const auto& f : result.plan->blocks[0].forward)
    all += f.from[0].to_text() + " " + upstreams(f) + "; ";
  EXPECT_EQ(all, "a. [::1]:53; . [::2]:53; . [::3]:53; ");
}

/// As Go reads them: an IPv4-mapped address is the IPv4 address, a port may be a service's name, a scheme has no case.
TEST(forward, reads_addresses_as_go_does) {
  EXPECT_EQ(
    upstreams(parsed("forward . ::ffff:192.0.2.1 [::ffff:192.0.2.2]:54 192.0.2.3:domain DNS://192.0.2.4 192.0.2.1")),
    "192.0.2.1:53 192.0.2.2:54 192.0.2.3:53 192.0.2.4:53");
  EXPECT_EQ(with("source_address ::ffff:192.0.2.1").source_address, "192.0.2.1");
  EXPECT_EQ(read_nameservers("nameserver ::ffff:192.0.2.1\n").at(0).text(), "192.0.2.1:53");
}

TEST(forward, refuses_lines_in_the_words_of_coredns) {
  std::string sixteen = "forward .";
  for (int i = 1; i <= 16; ++i)
    sixteen += " 10.0.0." + std::to_string(i);
  const std::string later = " is known to CoreDNS but not built into Troupe yet";
  const std::string no_port = ": invalid port, a number up to 65535 or the name of a service is expected";
  const std::string wrong_count = "Wrong argument count or unexpected line ending after ";
  struct {
    std::string line, expected;
  } cases[] = {
    {"forward", wrong_count + "'forward'"},
    {"forward .", wrong_count + "'.'"},
    {"forward a..b ::1", "unable to normalize 'a..b'"},
    {"forward . /none", "not an IP address or file \"/none\": open /none: no such file or directory"},
    {"forward . none", "no valid upstream addresses found"},
    {"forward . a..b", "not an IP address, file, or valid domain: \"a..b\""},
    {"forward . dns://", "invalid address: \"dns://\""},
    {"forward . 1.1.1.1:x", "address x" + no_port},
    {"forward . 1.1.1.1:", "1.1.1.1:: nobody can be asked at port 0; write the port behind the colon, or neither"},
    {"forward . [::1]:0", "[::1]:0: nobody can be asked at port 0; write the port behind the colon, or neither"},
    {"forward . [::1]:70000", "address 70000" + no_port},
    {"forward . grpc://1.1.1.1", "'grpc' is not supported as a destination protocol in forward: grpc://1.1.1.1"},
    {"forward . GRPC://1.1.1.1", "'grpc' is not supported as a destination protocol in forward: GRPC://1.1.1.1"},
    {"forward . unix:///x", "'unix' is not supported as a destination protocol in forward: unix:///x"},
    {"forward . tls://", "invalid address: \"tls://\""},
    {"forward . tls://a..b", "not an IP address, file, or valid domain: \"tls://a..b\""},
    {"forward . tls://1.1.1.1:x", "address x" + no_port},
    {"forward . tls://nope.example%a:853", "failed to resolve \"nope.example\": lookup nope.example: no such host"},
    {"forward . tls://::1 tls://1.1.1.1%a {\ntls_servername b\n}",
     "both forward ('b') and proxy level ('a') TLS servernames are set for upstream proxy 'tls://1.1.1.1:853'"},
    {"forward . https://1.1.1.1", "upstream 'https://1.1.1.1' of 'forward'" + later},
    {"forward . nope:53", "failed to resolve \"nope\": lookup nope: no such host"},
    {"forward . dns.example {\nresolver ::1\n}",
     "failed to resolve \"dns.example\": lookup dns.example by ::1: no such host"},
    {sixteen, "more than 15 TOs configured: 16"},
    {"forward . ::1 {\nmax_age 5s\n}", "max_age (5s) must not be less than expire (10s)"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(error_of(c.line), "plugin/forward: Corefile:2 - Error during parsing: " + c.expected) << c.line;
}

TEST(forward, refuses_options_in_the_words_of_coredns) {
  const std::string later = " is known to CoreDNS but not built into Troupe yet";
  const std::string wrong_count = "Wrong argument count or unexpected line ending after ";
  struct {
    const char* line;
    std::string expected;
  } cases[] = {
    {"x", "unknown property 'x'"},
    {"expire 5s 6s", "unknown property '6s'"},
    {"except", wrong_count + "'except'"},
    {"force_tcp x", wrong_count + "'x'"},
    {"prefer_udp x", wrong_count + "'x'"},
    {"next_on_nodata x", wrong_count + "'x'"},
    {"failfast_all_unhealthy_upstreams x", wrong_count + "'x'"},
    {"max_fails", wrong_count + "'max_fails'"},
    {"max_fails -1", "strconv.ParseUint: parsing \"-1\": invalid syntax"},
    {"max_fails 4294967296", "strconv.ParseUint: parsing \"4294967296\": value out of range"},
    {"max_connect_attempts", wrong_count + "'max_connect_attempts'"},
    {"max_connect_attempts x", "strconv.ParseUint: parsing \"x\": invalid syntax"},
    {"expire", wrong_count + "'expire'"},
    {"expire 5", "time: missing unit in duration \"5\""},
    {"expire -1s", "expire can't be negative: -1s"},
    {"max_age -1m", "max_age can't be negative: -1m0s"},
    {"max_idle_conns -1", "max_idle_conns can't be negative: -1"},
    {"max_idle_conns x", "strconv.Atoi: parsing \"x\": invalid syntax"},
    {"max_concurrent", wrong_count + "'max_concurrent'"},
    {"max_concurrent -2", "max_concurrent can't be negative: -2"},
    {"read_timeout 0", "read_timeout must be positive: 0s"},
    {"policy", wrong_count + "'policy'"},
    {"policy fair", "unknown policy 'fair'"},
    {"health_check", wrong_count + "'health_check'"},
    {"health_check -1s", "health_check can't be negative: -1000000000"},
    {"health_check 1s fast", "health_check: unknown option fast"},
    {"health_check 1s domain", wrong_count + "'domain'"},
    {"health_check 1s domain a..b", "health_check: invalid domain name a..b"},
    {"next", wrong_count + "'next'"},
    {"next SERVFAIL FOO", "FOO is not a valid rcode"},
    {"next RCODE12", "RCODE12 is not a valid rcode"},
    {"failover", wrong_count + "'failover'"},
    {"failover NOERROR", "NoError cannot be used in failover"},
    {"failover x", "x is not a valid rcode"},
    {"source_address", wrong_count + "'source_address'"},
    {"source_address x", "invalid IP address: x"},
    {"source_address fe80::1%eth0", "invalid IP address: fe80::1%eth0"},
    {"tls a b c d", wrong_count + "'d'"},
    {"tls nowhere", "error reading nowhere: open nowhere: no such file or directory"},
    {"tls_servername", wrong_count + "'tls_servername'"},
    {"tls_servername x y", "unknown property 'y'"},
    {"resolver", wrong_count + "'resolver'"},
    {"resolver 1.1.1.1 dns.example", "resolver must be an IP address or IP:port: \"dns.example\""},
    {"resolver [::1]", "resolver must be an IP address or IP:port: \"[::1]\""},
    {"resolver fe80::1%eth0", "resolver must be an IP address or IP:port: \"fe80::1%eth0\""},
    {"doh_method GET", "option 'doh_method' of 'forward'" + later},
  };
  for (const auto& c : cases)
    EXPECT_EQ(error_of("forward . ::1 {\n" + std::string{c.line} + "\n}"),
              "plugin/forward: Corefile:3 - Error during parsing: " + c.expected)
      << c.line;
}

TEST(forward, is_the_same_if_it_means_the_same) {
  struct {
    const char* a;
    const char* b;
    bool equal;
  } cases[] = {
    {"forward . 1.1.1.1 ::1", "forward  .:53 dns://1.1.1.1:53 0::1 {\n}", true},
    {"forward . ::1 {\nexpire 10s\n}", "forward . ::1 {\nmax_fails 2\nhealth_check 0.5s\n}", true},
    {"forward . ::1 {\nexcept a b\n}", "forward . ::1 {\nexcept B\nexcept a A\n}", true},
    {"forward . ::1 {\nnext SERVFAIL NXDOMAIN\n}", "forward . ::1 {\nnext NXDOMAIN SERVFAIL\n}", true},
    {"forward . beside", "forward . /etc/coredns/beside", true},
    {"forward . ::1", "forward . ::2", false},
    {"forward . ::1 ::2", "forward . ::2 ::1", false},
    {"forward . ::1", "forward a ::1", false},
    {"forward . ::1", "forward . ::1 {\nexcept a\n}", false},
    {"forward . ::1", "forward . ::1 {\nmax_connect_attempts 0\n}", false},
    {"forward . ::1", "forward . ::1 {\nforce_tcp\n}", false},
    {"forward . ::1 {\nforce_tcp\n}", "forward . ::1 {\nprefer_udp\n}", false},
    {"forward . ::1 {\nnext SERVFAIL\n}", "forward . ::1 {\nfailover SERVFAIL\n}", false},
    {"forward . ::1 {\nmax_concurrent 5\n}", "forward . ::1 {\nmax_idle_conns 5\n}", false},
    {"forward . ::1", "forward . ::1 {\nsource_address ::1\n}", false},
    {"forward . tls://::1", "forward . tls://[::1]:853 {\ntls\n}", true},
    {"forward . twin.example", "forward . 192.0.2.53", true},
    {"forward . tls://::1", "forward . [::1]:853", false},
    {"forward . tls://::1", "forward . tls://::1%a", false},
    {"forward . tls://::1%a", "forward . tls://::1%b", false},
    {"forward . tls://::1", "forward . tls://::1 {\ntls_servername a\n}", false},
    {"forward . ::1 ::2", "forward . ::1 ::2 {\npolicy fastest\n}", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(parsed(c.a).identity() == parsed(c.b).identity(), c.equal) << c.a << " / " << c.b;
}

TEST(forward, reads_the_nameservers_of_a_file) {
  const auto text = [](const char* file) {
    std::string out;
    for (const auto& server : read_nameservers(file))
      out += server.text() + " ";
    return out;
  };
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("# nameserver 1.1.1.1\nsearch a\nnameserver 1.1.1.1"), "1.1.1.1:53 ");
  EXPECT_EQ(text("nameserver\nnameserver x\n\tnameserver\t::1 # ours\r\nnameserver fe80::1%eth0\r\n"),
            "[::1]:53 [fe80::1%eth0]:53 ");
  EXPECT_EQ(text("nameserver 1.1.1.1\nnameserver 1.1.1.1\nnameservers 2.2.2.2\n"), "1.1.1.1:53 ");
  std::string many;
  for (int i = 1; i <= 20; ++i)
    many += "nameserver 10.0.0." + std::to_string(i) + "\n";
  EXPECT_EQ(read_nameservers(many).size(), max_upstreams);
}

/// `upstream` of `kubernetes` stands for a `forward` where there is none.
TEST(forward, is_implied_by_upstream) {
  EXPECT_EQ(upstreams(parsed("kubernetes a {\nupstream\n}")), "/etc/resolv.conf");
  EXPECT_EQ(upstreams(parsed("kubernetes a {\nupstream 8.8.8.8 beside\n}")), "8.8.8.8:53 /etc/coredns/beside");
  EXPECT_EQ(parsed("kubernetes a {\nupstream\n}").identity(), parsed("forward . /etc/resolv.conf").identity());
  EXPECT_EQ(upstreams(parsed("kubernetes a {\nupstream 8.8.8.8\n}\nforward . ::1")), "[::1]:53");
  EXPECT_EQ(error_of("kubernetes a {\nupstream 8.8.8.8 ?..\n}"),
            "plugin/forward: Corefile:3 - Error during parsing: not an IP address, file, or valid domain: \"?..\"");
  machine bare;
  const std::string alone = ".:53 {\nkubernetes a {\nupstream\n}\n}";
  EXPECT_EQ(test::error_of(alone, bare), "plugin/forward: Corefile:3 - Error during parsing: not an IP address or "
                                         "file \"/etc/resolv.conf\": open /etc/resolv.conf: no such file or directory");
  auto beside = test::planned(".:53 {\nkubernetes a {\nupstream\n}\nforward . ::1\n}", bare);
  ASSERT_TRUE(beside.plan);
  EXPECT_EQ(
    beside.plan->warnings,
    (std::vector<std::string>{
      "/etc/coredns/Corefile:3: 'upstream' of 'kubernetes' went with CoreDNS 1.7.0; dropped: 'forward' resolves "
      "what is outside of the cluster; troupe -conf /etc/coredns/Corefile -migrate prints the modern Corefile"}));
}
