// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/log_format.hpp"
#include "config/directives/log.hpp"
#include "net/dns/response.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

dns::query question(const std::string& name, uint16_t type) {
  dns::query q;
  const auto sent = dns::name::from_text(name).value();
  q.id = 29008;
  q.flags = dns::flag::rd;
  q.qtype = type;
  q.qclass = 1;
  q.qname_octets = static_cast<uint8_t>(sent.size());
  q.qname_labels = static_cast<uint8_t>(sent.labels());
  q.message_octets = 41;
  std::copy(sent.wire().begin(), sent.wire().end(), q.qname.begin());
  dns::lower(sent.wire(), q.lowered.data());
  return q;
}

struct answer {
  explicit answer(const dns::query& q) : response(buffer, q) {}
  uint8_t buffer[1024];
  dns::response response;
};

std::string formatted(std::string_view format, const log_facts& facts) {
  std::string line = "> ";
  log_format{format}.append(line, facts);
  return line.substr(2);
}

} // namespace

TEST(log_format, writes_the_lines_of_coredns) {
  auto q = question("Example.ORG", 1);
  q.edns.present = true;
  q.edns.udp_payload = 4096;
  answer a{q};
  a.response.recursion_available();
  a.response.a(dns::section::answer, dns::in_question(), 5, {192, 0, 2, 1});
  log_facts facts{q,
                  a.response.bytes(),
                  dns::rcode::noerror,
                  "::1",
                  "127.0.0.1",
                  50759,
                  dns::protocol::udp,
                  std::chrono::nanoseconds{37'990'251}};
  struct {
    const char* format;
    const char* expected;
  } cases[] = {
    {config::common_log_format,
     "[::1]:50759 - 29008 \"A IN example.org. udp 41 false 4096\" NOERROR qr,rd,ra 56 0.037990251s"},
    {config::combined_log_format,
     "[::1]:50759 - 29008 \"A IN example.org. udp 41 false 4096\" NOERROR qr,rd,ra 56 0.037990251s \"0\""},
    {"{local} {>opcode}", "127.0.0.1 0"},
    {"{/kubernetes/endpoint} x", "- x"},
    {"", ""},
    {"plain", "plain"},
    {"{unknown} {type}", "{unknown} A"},
    {"A } {type}{", "A } A{"},
    {"{ {name} }", "{ example.org. }"},
    {"{{port}}", "{50759}"},
    {"{type}{class}", "AIN"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(formatted(c.format, facts), c.expected) << c.format;
}

TEST(log_format, tells_transports_and_sizes_apart) {
  const auto q = question("a", 65280);
  log_facts facts{q, {}, dns::rcode::noerror, "10.0.0.1", "10.0.0.2", 1, dns::protocol::tcp, std::chrono::seconds{2}};
  EXPECT_EQ(formatted("{remote}:{port} {type} {proto} {>bufsize} {>do} {rcode} {>rflags} {rsize} {duration}", facts),
            "10.0.0.1:1 TYPE65280 tcp 65535 false - - 0 2s");
  facts.protocol = dns::protocol::udp;
  EXPECT_EQ(formatted("{proto} {>bufsize}", facts), "udp 512");
}

TEST(log_format, escapes_names) {
  const auto q = question("a\\010b\\\"c\\ d\\200.X", 1);
  const log_facts facts{q, {}, dns::rcode::noerror, "::1", "::1", 1, dns::protocol::udp, {}};
  EXPECT_EQ(formatted("{name}", facts), "a\\010b\\\"c\\ d\\200.x.");
  EXPECT_EQ(error_line(q, dns::rcode::servfail, "no reason"), "2 a\\010b\\\"c\\ d\\200.x. A: no reason");
}

TEST(log_format, names_numbers) {
  EXPECT_EQ(type_text(65), "HTTPS");
  EXPECT_EQ(type_text(0), "TYPE0");
  EXPECT_EQ(class_text(3), "CH");
  EXPECT_EQ(class_text(7), "CLASS7");
  EXPECT_EQ(rcode_text(dns::rcode::nxdomain), "NXDOMAIN");
  EXPECT_EQ(rcode_text(static_cast<dns::rcode>(42)), "42");
}

TEST(response, has_a_class) {
  namespace log_class = config::log_class;
  struct {
    dns::rcode code;
    bool answer, soa;
    uint16_t type;
    uint8_t expected;
  } cases[] = {
    {dns::rcode::noerror, true, false, 1, log_class::success},
    {dns::rcode::noerror, false, true, 1, log_class::denial},
    {dns::rcode::noerror, false, false, 1, log_class::success},
    {dns::rcode::nxdomain, false, true, 1, log_class::denial},
    {dns::rcode::nxdomain, true, true, 1, log_class::error},
    {dns::rcode::servfail, false, true, 1, log_class::error},
    {dns::rcode::refused, false, false, 1, log_class::error},
    {dns::rcode::noerror, true, false, 252, log_class::error},
  };
  for (const auto& c : cases) {
    const auto q = question("a.example", c.type);
    answer a{q};
    a.response.code(c.code);
    if (c.answer)
      a.response.a(dns::section::answer, dns::in_question(), 5, {192, 0, 2, 1});
    if (c.soa)
      a.response.soa(dns::section::authority, dns::in_question(2), 5,
                     {dns::in_question(), dns::in_question(), 1, 2, 3, 4, 5});
    EXPECT_EQ(response_class(q, a.response.bytes(), c.code), c.expected) << static_cast<int>(c.code);
  }
  EXPECT_EQ(response_class(question("a", 1), {}, dns::rcode::noerror), log_class::error);
}
