// SPDX-License-Identifier: Apache-2.0
#include "config/directives.hpp"
#include "config/duration.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe::config;
using test::machine;

namespace {

/// Options of the first block in words, those that differ between the cases below.
std::string options_of(const std::string& body, const machine& m = {}) {
  auto result = test::planned(".:53 {\n" + body + "\n}\n", m);
  if (!result.plan)
    return result.error->text();
  const auto& b = result.plan->blocks.at(0);
  std::string out;
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : "; ") + text; };
  if (b.multisocket)
    add("multisocket " + std::to_string(b.multisocket->sockets));
  for (const auto& address : b.bind ? b.bind->addresses : std::vector<std::string>{})
    add("bind " + address);
  if (b.ready)
    add("ready " + b.ready->address.text() + (b.ready->continuously ? " continuously" : ""));
  if (b.health)
    add("health " + b.health->address.text() + " " + duration_text(b.health->lameduck));
  if (b.prometheus)
    add("prometheus " + b.prometheus->address.text() + (b.prometheus->runtime_metrics ? " runtime" : ""));
  if (b.errors)
    add(std::string{"errors"} + (b.errors->stacktrace ? " stacktrace" : ""));
  for (const auto& c : b.errors ? b.errors->consolidations : std::vector<errors_options::consolidation>{})
    add(duration_text(c.period) + " " + c.text + " " + std::to_string(static_cast<int>(c.level)) +
        (c.show_first ? " first" : ""));
  for (const auto& r : b.log ? b.log->rules : std::vector<log_options::rule>{})
    add("log " + r.scope.to_text() + " " + std::to_string(r.classes) +
        (r.format == common_log_format ? "" : " " + r.format));
  if (b.loadbalance)
    add("loadbalance");
  if (b.actors)
    add("actors " + b.actors->address.text());
  return out;
}

struct row {
  const char* body;
  const char* expected;
};

void check(std::initializer_list<row> rows, const machine& m = {}) {
  for (const auto& r : rows) {
    std::string got = options_of(r.body, m);
    if (const size_t at = got.find("/etc/coredns/"); at != got.npos)
      got.erase(at, 13);
    EXPECT_EQ(got, r.expected) << r.body;
  }
}

} // namespace

TEST(directives, stand_in_the_order_of_coredns) {
  ASSERT_EQ(directives().size(), 61u); // the 60 of plugin.cfg and `actors`
  EXPECT_EQ(directives().front().name, "root");
  EXPECT_EQ(directives()[59].name, "nomad");
  EXPECT_EQ(built_directives(),
            "acl\nactors\nany\nauto\nautopath\nbind\nbufsize\ncache\ncancel\nchaos\ndebug\n"
            "dns64\nerratic\nerrors\nfile\nforward\ngeoip\nheader\nhealth\nhosts\nk8s_external\n"
            "kubernetes\nloadbalance\nlocal\nlog\nloop\nmetadata\nminimal\nmultisocket\nnsid\nprometheus\n"
            "ready\nreload\nrewrite\nroot\nshed\ntemplate\ntimeouts\ntransfer\nview\nwhoami\n");
  size_t last = 0;
  for (const char* name : {"multisocket", "reload", "bind", "ready", "health", "prometheus", "errors", "log",
                           "loadbalance", "cache", "kubernetes", "loop", "forward", "nomad"}) {
    const auto* found = find_directive(name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_GT(static_cast<size_t>(found - directives().data()), last) << name;
    last = static_cast<size_t>(found - directives().data());
  }
}

TEST(directives, have_defaults_and_read_their_options) {
  check({
    {"", ""},
    {"errors", "errors"},
    {"errors {\n}", "errors"},
    {"errors stdout", "errors"},
    {"errors {\nstacktrace\nconsolidate 5m \".* i/o timeout$\" warning\n}",
     "errors stacktrace; 5m0s .* i/o timeout$ 2"},
    {"errors {\nconsolidate 5m \"(?<n>x) [(?<]\"\n}", "errors; 5m0s (?<n>x) [(?<] 3"},
    {"errors {\nconsolidate 30s a\nconsolidate 1s b debug show_first\nconsolidate 1s c show_first\n}",
     "errors; 30s a 3; 1s b 0 first; 1s c 3 first"},
    {"health", "health :8080 0s"},
    {"health {\nlameduck 5s\n}", "health :8080 5s"},
    {"health 169.254.20.10:8080", "health 169.254.20.10:8080 0s"},
    {"health :1\nhealth {\nlameduck 1s\n}", "health :1 1s"},
    {"ready", "ready :8181"},
    {"ready 127.0.0.1:1 {\nmonitor continuously\n}", "ready 127.0.0.1:1 continuously"},
    {"ready {\nmonitor until-ready\n}", "ready :8181"},
    {"prometheus", "prometheus localhost:9153"},
    {"prometheus :9153", "prometheus :9153"},
    {"prometheus :http-alt", "prometheus :8080"},
    {"health [::]:8080", "health :8080 0s"}, // one address, so two blocks may name it
    {"health [::ffff:127.0.0.1]:8080", "health 127.0.0.1:8080 0s"},
    {"prometheus localhost:{$PORT}", "prometheus localhost:0"}, // any, as in CoreDNS
    {"prometheus [0.0.0.0]:9153 {\nruntime_metrics\n}", "prometheus :9153 runtime"},
    {"loadbalance", "loadbalance"},
    {"loadbalance round_robin", "loadbalance"},
    {"multisocket", "multisocket 0"},
    {"multisocket 4", "multisocket 4"},
    {"multisocket 1024", "multisocket 1024"},
    {"actors", "actors 127.0.0.1:9155"},
    {"actors :9000", "actors :9000"},
    {"log", "log . 7"},
    {"log . {\nclass error\n}", "log . 4"},
    {"log . {\nclass denial error\n}", "log . 6"},
    {"log Example.org", "log example.org. 7"},
    {"log a b {\nclass success\nclass all\n}", "log a. 7; log b. 7"},
    {"log . \"{type} {name}\"", "log . 7 {type} {name}"},
    {"log . {common}", "log . 7"},
    {"log a {\nclass error\n}\nlog b {\nclass denial\n}", "log a. 4; log b. 2"},
  });
}

TEST(directives, refuse_in_the_words_of_coredns) {
  check({
    {"errors\nerrors",
     "plugin/errors: Corefile:3 - Error during parsing: this plugin can only be used once per Server Block"},
    {"errors x", "plugin/errors: Corefile:2 - Error during parsing: invalid log file: x"},
    {"errors a b",
     "plugin/errors: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after 'b'"},
    {"health :http",
     "plugin/health: Corefile:2 - Error during parsing: address http: invalid port, a number up to 65535 or "
     "the name of a service is expected"},
    {"errors {\nx\n}", "plugin/errors: Corefile:3 - Syntax error: Unexpected token 'x', expecting 'Unknown field x'"},
    {"errors {\nconsolidate 5 a\n}",
     "plugin/errors: Corefile:3 - Error during parsing: time: missing unit in duration \"5\""},
    {"errors {\nconsolidate 5s\n}",
     "plugin/errors: Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after '5s'"},
    {"errors {\nconsolidate 5s (\n}",
     "plugin/errors: Corefile:3 - Error during parsing: error parsing regexp: missing closing ): `(`"},
    {"errors {\nconsolidate 5s a info debug\n}",
     "plugin/errors: Corefile:3 - Error during parsing: multiple log levels specified in consolidate"},
    {"errors {\nconsolidate 5s a show_first info\n}",
     "plugin/errors: Corefile:3 - Error during parsing: log level must come before show_first in consolidate"},
    {"errors {\nconsolidate 5s a loud\n}",
     "plugin/errors: Corefile:3 - Error during parsing: unknown option in consolidate: loud"},
    {"health 9153", "plugin/health: Corefile:2 - Error during parsing: address 9153: missing port in address"},
    {"health a b",
     "plugin/health: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after 'b'"},
    {"health {\nlameduck\n}", "plugin/health: Corefile:3 - Error during parsing: Wrong argument count or unexpected "
                              "line ending after 'lameduck'"},
    {"health {\nlameduck 5\n}",
     "plugin/health: Corefile:3 - Error during parsing: unable to parse lameduck duration value: "
     "'5' : time: missing unit in duration \"5\""},
    {"health {\nlame 5s\n}", "plugin/health: Corefile:3 - Error during parsing: unknown property 'lame'"},
    {"health {\n} x",
     "plugin/health: Corefile:3 - Error during parsing: Unexpected token 'x' after the end of 'health'"},
    {"ready {\nmonitor never\n}",
     "plugin/ready: Corefile:3 - Error during parsing: monitor type 'never' not supported"},
    {"ready {\nx\n}", "plugin/ready: Corefile:3 - Error during parsing: unknown property 'x'"},
    {"prometheus {\nx\n}", "plugin/prometheus: Corefile:3 - Error during parsing: unknown option: x"},
    {"prometheus {\ntls x\n}",
     "plugin/prometheus: Corefile:3 - Error during parsing: option 'tls' of 'prometheus' is known to "
     "CoreDNS but not built into Troupe yet"},
    {"loadbalance fair", "plugin/loadbalance: Corefile:2 - Error during parsing: unknown policy: fair"},
    {"loadbalance round_robin x",
     "plugin/loadbalance: Corefile:2 - Error during parsing: unknown property for round_robin"},
    {"multisocket 0",
     "plugin/multisocket: Corefile:2 - Error during parsing: num sockets can not be zero or negative: 0"},
    {"multisocket 1025",
     "plugin/multisocket: Corefile:2 - Error during parsing: num sockets exceeds maximum (1024): 1025"},
    {"multisocket x",
     "plugin/multisocket: Corefile:2 - Error during parsing: invalid num sockets: strconv.Atoi: parsing "
     "\"x\": invalid syntax"},
    {"log . {\nclass foo\n}", "plugin/log: Corefile:3 - Error during parsing: invalid Class: foo"},
    {"log . {\nx\n}", "plugin/log: Corefile:3 - Error during parsing: unknown property 'x'"},
    {"log a..b", "plugin/log: Corefile:2 - Error during parsing: zone is not a valid domain name: a..b"},
    {"actors x", "plugin/actors: Corefile:2 - Error during parsing: address x: missing port in address"},
    {"bind", "plugin/bind: Corefile:2 - Error during parsing: at least one address or interface name is expected"},
    {"bind eth7", "plugin/bind: Corefile:2 - Error during parsing: not a valid IP address or interface name: \"eth7\""},
    {"bind ::1 {\nx\n}", "plugin/bind: Corefile:3 - Error during parsing: invalid option \"x\""},
    {"metadata a {\nx\n}",
     "plugin/metadata: Corefile:3 - Error during parsing: Wrong argument count or unexpected line "
     "ending after 'x'"},
    {"metadata\nmetadata a",
     "plugin/metadata: Corefile:3 - Error during parsing: Wrong argument count or unexpected line "
     "ending after 'metadata'"},
    {"geoip", "plugin/geoip: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after "
              "'geoip'"},
    {"geoip a b",
     "plugin/geoip: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after "
     "'b'"},
    {"geoip a {\nedns-subnet\nx\n}", "plugin/geoip: Corefile:4 - Error during parsing: unknown property \"x\""},
    {"geoip /nowhere/a", "plugin/geoip: Corefile:2 - Error during parsing: failed to open database file: open "
                         "/nowhere/a: no such file or directory"},
    {"dnstap a", "Corefile:2 - Error during parsing: directive 'dnstap' is known to CoreDNS but not built into "
                 "Troupe yet"},
    {"erratic\nhealth x", "plugin/health: Corefile:3 - Error during parsing: address x: missing port in address"},
    {"whoami x",
     "plugin/whoami: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after 'x'"},
    {"x", "Corefile:2 - Error during parsing: Unknown directive 'x'"},
  });
}

TEST(directives, warn_of_a_port_that_is_left_out) {
  const auto result = test::planned(".:53 {\nprometheus localhost:{$PORT}\nready :\n}");
  ASSERT_TRUE(result.plan);
  const auto text = [](const char* line) {
    return "/etc/coredns/Corefile:" + std::string{line} +
           " names no port, so one is chosen at each start; write a number behind the colon";
  };
  EXPECT_EQ(result.plan->warnings, (std::vector<std::string>{text("3 - Error during parsing: :"),
                                                             text("2 - Error during parsing: localhost:")}));
}

TEST(directives, bind_knows_interfaces) {
  machine m;
  m.interfaces = {{"lo", "127.0.0.1"}, {"lo", "::1"}, {"eth0", "10.0.0.7"}, {"eth0", "fe80::7%eth0"}};
  check({{"bind lo", "bind 127.0.0.1; bind ::1"},
         {"bind eth0 192.0.2.1", "bind 10.0.0.7; bind fe80::7%eth0; bind 192.0.2.1"},
         {"bind lo {\nexcept ::1\n}", "bind 127.0.0.1"},
         {"bind lo\nbind 0:0::2", "bind 127.0.0.1; bind ::1; bind ::2"},
         {"bind lo eth0 {\nexcept eth0\n}", "bind 127.0.0.1; bind ::1"}},
        m);
}
