// SPDX-License-Identifier: Apache-2.0
#include "actors/http/http_server.hpp"
#include "actors/http/listen.hpp"
#include "net/socket.hpp"

#include "tests/support/http_client.hpp"

#include <gtest/gtest.h>

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
    {"GET /health HTTP/1.1\r\nA: " + std::string(8'000, 'a') + "\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\nOK"},
    {"\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\nOK"},
    {"GET /health HTTP/1.1\nHost: a\n\n", "HTTP/1.1 200 ", "\r\n\r\nOK"},
    {"GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /ready HTTP/1.1\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\nOK"},
    {"GET /health HTTP/1.1\r\nA: " + std::string(9'000, 'a') + "\r\n\r\n", "HTTP/1.1 400 ", ""},
  };
  for (auto& c : cases) {
    http_client client{"127.0.0.1", server->port()};
    client.send(c.request);
    auto answer = client.read_all();
    EXPECT_EQ(answer.substr(0, c.status.size()), c.status) << c.request.substr(0, 60);
    EXPECT_NE(answer.find(c.part), std::string::npos) << c.request.substr(0, 60) << "\n" << answer.substr(0, 300);
  }
}

TEST(http_server, head_has_no_body) {
  auto server = start("127.0.0.1:0");
  ASSERT_TRUE(server);
  http_client client{"127.0.0.1", server->port()};
  client.send("HEAD /ready HTTP/1.1\r\nHost: a\r\n\r\n");
  auto answer = client.read_all();
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(http_server, no_host_means_both_families) {
  auto server = start(":0");
  ASSERT_TRUE(server);
  EXPECT_EQ(testing_support::get("127.0.0.1", server->port(), "/health").substr(0, 12), "HTTP/1.1 200");
  if (http_client::has_ipv6()) {
    EXPECT_EQ(testing_support::get("::1", server->port(), "/health").substr(0, 12), "HTTP/1.1 200");
  }
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
