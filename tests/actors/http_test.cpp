// SPDX-License-Identifier: Apache-2.0
#include "actors/http/http_server.hpp"
#include "actors/http/listen.hpp"
#include "net/socket.hpp"

#include "actors/http/listen.hpp"
#include "actors/http/metrics_text.hpp"
#include "tests/support/http_client.hpp"

#include <gtest/gtest.h>

#include <Poco/InflatingStream.h>

#include <array>
#include <sstream>
#include <stdexcept>

using namespace troupe;
using namespace std::chrono_literals;
using testing_support::http_client;

namespace {

http_routes routes() {
  return {
    {"/health",
     [] {
       return http_response{200, "text/plain; charset=utf-8", "OK"};
     }},
    {"/ready",
     [] {
       return http_response{503, "text/plain; charset=utf-8", "kubernetes"};
     }},
    {"/ready?verbose",
     [] {
       return http_response{503, "text/plain; charset=utf-8", "[-]kubernetes"};
     }},
    {"/big",
     [] {
       return http_response{200, "text/plain; charset=utf-8", std::string(8 << 20, 'x')};
     }},
    {"/broken", []() -> http_response { throw std::runtime_error{"no data"}; }},
  };
}

std::string inflated(const std::string& body) {
  std::istringstream in{body};
  Poco::InflatingInputStream inflate{in, Poco::InflatingStreamBuf::STREAM_GZIP};
  return {std::istreambuf_iterator<char>{inflate}, {}};
}

std::unique_ptr<http_server> start(const std::string& address, const http_limits& limits = {}) {
  auto started = http_server::start(address, routes(), http_hosts::any, limits);
  if (auto* error = std::get_if<listen_error>(&started)) {
    ADD_FAILURE() << error->text();
    return nullptr;
  }
  return std::move(std::get<std::unique_ptr<http_server>>(started));
}

} // namespace

TEST(http_server, answers_pages_and_refuses_the_rest) {
  auto server = start("127.0.0.1:0");
  ASSERT_TRUE(server);
  struct {
    std::string request;
    std::string status;
    std::string part;
  } cases[] = {
    {"GET /health HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\nOK"},
    {"GET /health?verbose=1 HTTP/1.0\r\n\r\n", "HTTP/1.0 200 ", "\r\n\r\nOK"},
    {"GET /health Expect:\r\nExpect: 100-continue\r\n\r\n", "HTTP/1.1 ", "\r\n\r\nOK"},
    {"HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "Content-Length: 2\r\n"},
    {"GET /ready HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 503 ", "\r\n\r\nkubernetes"},
    {"GET /ready?verbose HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 503 ", "\r\n\r\n[-]kubernetes"},
    {"GET /ready?verbos HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 503 ", "\r\n\r\nkubernetes"},
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ", "404 page not found\n"},
    {"GET /health/ HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ", "404 page not found\n"},
    {"POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n"},
    {"GET /broken HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 500 ", "500 no data\n"},
    {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", ""},
    {"GET /health HTTP/1.1\r\nHost: a\r\nA: " + std::string(8'000, 'a') + "\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\nOK"},
    {"\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\nOK"},
    {"GET /health HTTP/1.1\nHost: a\n\n", "HTTP/1.1 200 ", "\r\n\r\nOK"},
    {"GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /ready HTTP/1.1\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\nOK"},
    {"GET /health HTTP/1.1\r\nHost: a\r\nA: " + std::string(9'000, 'a') + "\r\n\r\n", "HTTP/1.1 400 ", ""},
    // RFC 9112 section 3.2: the field is there, once; a whole URI goes before it.
    {"GET /health HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "Host header"},
    {"GET /health HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "HTTP/1.1 400 ", "Host header"},
    {"GET http://b:80/health HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\nOK"},
    {"GET HTTP://b/ready?verbose HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 503 ", "\r\n\r\n[-]kubernetes"},
    {"GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ", "404 page not found\n"},
    {"GET /h%65alt%68 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\nOK"},
    {"GET /health%zz HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ", ""},
    {"GET //health HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ", ""},
    {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ", ""},
  };
  for (auto& c : cases) {
    http_client client{"127.0.0.1", server->port()};
    client.send(c.request);
    client.end_sending();
    auto answer = client.read_all();
    EXPECT_EQ(answer.substr(0, c.status.size()), c.status) << c.request.substr(0, 60);
    EXPECT_NE(answer.find(c.part), std::string::npos) << c.request.substr(0, 60) << "\n" << answer.substr(0, 300);
  }
}

TEST(http_server, keeps_connections_as_clients_wish) {
  auto server = start("127.0.0.1:0");
  ASSERT_TRUE(server);
  const std::string get = "GET /health HTTP/1.1\r\nHost: a\r\n", close = "Connection: close\r\n", end = "\r\n";
  struct {
    std::string sent;
    size_t answers;
  } cases[] = {
    {get + end + get + end + get + close + end, 3},
    {get + end + end + get + close + end, 2},
    {get + close + end + get + end, 1},
    {"GET /health HTTP/1.0\r\n\r\n" + get + end, 1},
    {"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get + close + end, 2},
    {get + "Content-Length: 4\r\n\r\nbody" + get + end, 1},
    {get + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get + end, 1},
    {"GET /health HTTP/1.1\r\n\r\n" + get + end, 1},
    {"HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n" + get + close + end, 2},
  };
  for (auto& c : cases) {
    http_client client{"127.0.0.1", server->port()};
    client.send(c.sent);
    const auto answer = client.read_all();
    size_t answers = 0;
    for (size_t at = answer.find("HTTP/1."); at != answer.npos; at = answer.find("HTTP/1.", at + 1))
      ++answers;
    EXPECT_EQ(answers, c.answers) << c.sent << "\n" << answer;
  }
}

TEST(http_server, kept_connections_end_when_nothing_is_asked) {
  auto server = start("127.0.0.1:0", {.idle = 100ms});
  ASSERT_TRUE(server);
  http_client client{"127.0.0.1", server->port()};
  client.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_all().substr(0, 12), "HTTP/1.1 200");
}

TEST(http_server, gives_parts_and_compressed_bodies) {
  const std::string one = "# HELP one One.\n# TYPE one counter\none 1\n",
                    two = "# HELP two Two.\n# TYPE two gauge\ntwo{a=\"b\"} 2\n";
  auto started =
    http_server::start("127.0.0.1:0", {{"/metrics", [&] {
                                          return http_response{200, "text/plain", one + two, only_families, true};
                                        }}});
  auto& server = std::get<std::unique_ptr<http_server>>(started);
  struct {
    const char* query;
    const char* fields;
    std::string body;
    bool gzip;
  } cases[] = {
    {"", "", one + two, false},
    {"?name[]=one", "", one, false},
    {"?name%5B%5D=two&name[]=on%65", "", one + two, false},
    {"?name[]=tw", "", "", false},
    {"?name=one", "", one + two, false},
    {"", "Accept-Encoding: deflate, gzip;q=0.5\r\n", one + two, true},
    {"?name[]=two", "Accept-Encoding: GZIP\r\n", two, true},
    {"", "Accept-Encoding: gzip;q=0\r\n", one + two, false},
    {"", "Accept-Encoding: identity\r\n", one + two, false},
  };
  for (auto& c : cases) {
    http_client client{"127.0.0.1", server->port()};
    client.send(std::string{"GET /metrics"} + c.query + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + c.fields +
                "\r\n");
    const auto answer = client.read_all();
    auto body = answer.substr(std::min(answer.size(), answer.find("\r\n\r\n") + 4));
    EXPECT_EQ(answer.find("Content-Encoding: gzip") != answer.npos, c.gzip) << c.fields;
    EXPECT_EQ(c.gzip ? inflated(body) : body, c.body) << c.query << c.fields;
  }
}

TEST(http_server, head_has_no_body) {
  auto server = start("127.0.0.1:0");
  ASSERT_TRUE(server);
  http_client client{"127.0.0.1", server->port()};
  client.send("HEAD /ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  auto answer = client.read_all();
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

/// As in Go, however an unspecified address is written.
TEST(http_server, no_host_and_unspecified_ones_mean_both_families) {
  for (const char* address : {":0", "0.0.0.0:0", "[::]:0", "[::ffff:0.0.0.0]:0"}) {
    SCOPED_TRACE(address);
    auto server = start(address);
    ASSERT_TRUE(server);
    EXPECT_EQ(testing_support::get("127.0.0.1", server->port(), "/health").substr(0, 12), "HTTP/1.1 200");
    if (http_client::has_ipv6()) {
      EXPECT_EQ(testing_support::get("::1", server->port(), "/health").substr(0, 12), "HTTP/1.1 200");
    }
  }
}

TEST(http_server, an_ipv4_mapped_address_is_the_ipv4_address) {
  auto server = start("[::ffff:127.0.0.1]:0");
  ASSERT_TRUE(server);
  EXPECT_EQ(testing_support::get("127.0.0.1", server->port(), "/health").substr(0, 12), "HTTP/1.1 200");
}

/// `localhost` is ::1 first in many an /etc/hosts, and whoever asks 127.0.0.1 would find nobody.
TEST(listening_order, is_ipv4_first) {
  std::array<addrinfo, 4> list{};
  for (size_t i = 0; i + 1 < list.size(); ++i)
    list[i].ai_next = &list[i + 1];
  list[0].ai_family = list[2].ai_family = AF_INET6;
  list[1].ai_family = list[3].ai_family = AF_INET;
  EXPECT_EQ(listening_order(list.data()), (std::vector<const addrinfo*>{&list[1], &list[3], &list[0], &list[2]}));
  EXPECT_TRUE(listening_order(nullptr).empty());
}

TEST(http_server, says_why_it_cannot_listen) {
  const auto held = listen_tcp("127.0.0.1:0", false);
  ASSERT_TRUE(std::holds_alternative<int>(held));
  const troupe::net::descriptor first{std::get<int>(held)};
  const auto port = std::to_string(local_port(first.get())), taken = "127.0.0.1:" + port;
  struct {
    std::string address;
    std::string text;
  } cases[] = {
    {taken, "listen tcp " + taken + ": Address already in use"},
    {":" + port, "Address already in use"},
    {"8080", "listen tcp 8080: not an address of the form"},
    {"::1:8080", "not an address of the form"},
    {"127.0.0.1:", "not an address of the form"},
    {"127.0.0.1:65536", "not an address of the form"},
    {"127.0.0.1:http", "not an address of the form"},
    {"192.0.2.1:0", "Cannot assign requested address"},
  };
  for (auto& c : cases) {
    auto got = http_server::start(c.address, {});
    ASSERT_TRUE(std::holds_alternative<listen_error>(got)) << c.address;
    EXPECT_NE(std::get<listen_error>(got).text().find(c.text), std::string::npos) << std::get<listen_error>(got).text();
  }
}

TEST(http_server, shares_its_port_with_the_next_server_unless_it_shows_what_is_its_own) {
  struct {
    http_hosts first, second;
    bool both;
  } cases[] = {
    {http_hosts::any, http_hosts::any, true},
    {http_hosts::any, http_hosts::own, false},
    {http_hosts::own, http_hosts::any, false},
    {http_hosts::own, http_hosts::own, false},
  };
  for (auto& c : cases) {
    auto first = http_server::start("localhost:0", routes(), c.first);
    ASSERT_TRUE(std::holds_alternative<std::unique_ptr<http_server>>(first));
    const auto port = std::get<std::unique_ptr<http_server>>(first)->port();
    auto second = http_server::start("127.0.0.1:" + std::to_string(port), routes(), c.second);
    EXPECT_EQ(std::holds_alternative<std::unique_ptr<http_server>>(second), c.both);
  }
}

TEST(http_server, port_is_free_again_after_stop) {
  auto server = start("127.0.0.1:0");
  ASSERT_TRUE(server);
  const auto address = "127.0.0.1:" + std::to_string(server->port());
  EXPECT_EQ(testing_support::get("127.0.0.1", server->port(), "/health").substr(0, 12), "HTTP/1.1 200");
  server->stop();
  server->stop();
  EXPECT_TRUE(start(address));
}

TEST(http_server, takes_a_request_in_pieces_and_from_a_client_that_ended_sending) {
  auto server = start("127.0.0.1:0");
  ASSERT_TRUE(server);
  http_client client{"127.0.0.1", server->port()};
  for (const char* piece : {"GET /he", "alth HTTP/1.1\r", "\nHost: a\r\n\r", "\n"}) {
    client.send(piece);
    EXPECT_FALSE(piece[0] != '\n' && client.closed_within(5ms));
  }
  client.end_sending();
  EXPECT_EQ(client.read_all().substr(0, 12), "HTTP/1.1 200");
}

TEST(http_server, clients_that_drip_do_not_keep_others_out) {
  auto server = start("127.0.0.1:0", {.request = 200ms, .connection = 400ms});
  ASSERT_TRUE(server);
  http_client drips[]{{"127.0.0.1", server->port()}, {"127.0.0.1", server->port()}};
  for (auto& drip : drips)
    drip.send("GET /health HTTP/1.1\r\nX: ");
  const auto begin = std::chrono::steady_clock::now();
  for (auto& drip : drips)
    while (!drip.closed_within(20ms) && std::chrono::steady_clock::now() - begin < 10s)
      drip.send("a");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_EQ(testing_support::get("127.0.0.1", server->port(), "/health").substr(0, 12), "HTTP/1.1 200");
}

TEST(http_server, a_client_that_does_not_read_is_let_go) {
  auto server = start("127.0.0.1:0", {.request = 200ms, .connection = 300ms});
  ASSERT_TRUE(server);
  http_client lazy{"127.0.0.1", server->port()};
  lazy.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  // The only thread is busy with the lazy one until its time is over; this connection waits in the queue meanwhile, and
  // may be given up too since its own time runs as well.
  const auto begin = std::chrono::steady_clock::now();
  std::string answer;
  while (answer.empty() && std::chrono::steady_clock::now() - begin < 10s)
    answer = testing_support::get("127.0.0.1", server->port(), "/health");
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 200");
}

TEST(http_server, stops_with_open_connections) {
  auto server = start("127.0.0.1:0");
  ASSERT_TRUE(server);
  http_client waiting[]{{"127.0.0.1", server->port()}, {"127.0.0.1", server->port()}};
  waiting[0].send("GET /health HTTP");
  waiting[1].send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto begin = std::chrono::steady_clock::now();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}
