// SPDX-License-Identifier: Apache-2.0
#include "actors/http/http_server.hpp"
#include "actors/http/own_host.hpp"

#include "tests/support/http_client.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <ctime>
#include <deque>
#include <mutex>
#include <sys/resource.h>
#include <thread>

using namespace troupe;
using namespace std::chrono_literals;
using testing_support::http_client;
using steady = std::chrono::steady_clock;

namespace {

constexpr auto soon = 5s; ///< for what should happen at once, on a machine with other things to do

http_response ok() {
  return {200, "text/plain; charset=utf-8", "OK"};
}

std::unique_ptr<http_server> start_server(http_routes routes, const http_limits& limits = {},
                                          http_hosts hosts = http_hosts::any) {
  auto started = http_server::start("127.0.0.1:0", std::move(routes), hosts, limits);
  if (auto* error = std::get_if<listen_error>(&started)) {
    ADD_FAILURE() << error->text();
    return nullptr;
  }
  return std::move(std::get<std::unique_ptr<http_server>>(started));
}

std::string status_of(const std::string& answer) {
  return answer.substr(0, answer.find(' ', answer.find(' ') + 1));
}

void ask(http_client& client, const char* path) {
  client.send(std::string{"GET "} + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
}

} // namespace

TEST(http_limits, silent_connections_keep_nobody_out) {
  auto server = start_server({{"/health", ok}}, {.connections = 8});
  ASSERT_TRUE(server);
  std::deque<http_client> silent;
  const auto begin = steady::now();
  for (int i = 0; i < 100; ++i) {
    silent.emplace_back("127.0.0.1", server->port());
    if (i % 10 == 9) {
      EXPECT_EQ(status_of(testing_support::get("127.0.0.1", server->port(), "/health")), "HTTP/1.1 200");
    }
  }
  EXPECT_LT(steady::now() - begin, 3s) << "the time for a request ran out, which proves nothing";
  EXPECT_TRUE(silent.front().closed_within(soon)) << "the oldest makes room";
  EXPECT_FALSE(silent.back().closed_within(50ms));
}

TEST(http_limits, who_opens_many_makes_room_for_who_opens_few) {
  auto server = start_server({{"/health", ok}}, {.connections = 8, .request = 30s, .connection = 60s});
  ASSERT_TRUE(server);
  http_client quiet{"127.0.0.1", server->port(), "127.0.0.2"}; // before all others, and slow
  quiet.send("GET /health HTTP/1.1\r\n");
  std::deque<http_client> many;
  for (int i = 0; i < 50; ++i)
    many.emplace_back("127.0.0.1", server->port());
  EXPECT_TRUE(many[40].closed_within(soon));
  quiet.send("Host: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(quiet.read_all()), "HTTP/1.1 200");
}

TEST(http_limits, answers_nobody_takes_are_bounded_and_hold_nobody_up) {
  const auto big = [] { return http_response{200, "text/plain; charset=utf-8", std::string(4 << 20, 'x')}; };
  auto server = start_server({{"/big", big}, {"/health", ok}}, {.unsent = 9 << 20, .rest = 0});
  ASSERT_TRUE(server);
  std::deque<http_client> lazy;
  for (int i = 0; i < 6; ++i)
    ask(lazy.emplace_back("127.0.0.1", server->port()), "/big");
  EXPECT_EQ(status_of(testing_support::get("127.0.0.1", server->port(), "/health")), "HTTP/1.1 200");
  EXPECT_LT(lazy.front().read_all().size(), 4u << 20) << "the oldest was let go";
  EXPECT_GT(lazy.back().read_all().size(), 4u << 20);
}

TEST(http_limits, who_asks_at_once_gets_the_same_page) {
  std::mutex mutex;
  std::condition_variable changed;
  int made = 0;
  bool may_go_on = false;
  auto server = start_server({{"/metrics", [&] {
                                 std::unique_lock lock{mutex};
                                 ++made;
                                 changed.notify_all();
                                 changed.wait(lock, [&] { return may_go_on; });
                                 return ok();
                               }}});
  ASSERT_TRUE(server);
  http_client first{"127.0.0.1", server->port()};
  ask(first, "/metrics");
  std::deque<http_client> others;
  {
    std::unique_lock lock{mutex};
    ASSERT_TRUE(changed.wait_for(lock, soon, [&] { return made == 1; }));
    for (int i = 0; i < 10; ++i)
      ask(others.emplace_back("127.0.0.1", server->port()), "/metrics");
    may_go_on = true;
    changed.notify_all();
  }
  for (auto& other : others)
    EXPECT_EQ(status_of(other.read_all()), "HTTP/1.1 200");
  EXPECT_EQ(status_of(first.read_all()), "HTTP/1.1 200");
  std::lock_guard lock{mutex};
  EXPECT_EQ(made, 2) << "what was made before they asked is not for them";
}

TEST(http_limits, pages_rest_after_what_they_cost) {
  constexpr auto cost = 30ms;
  std::vector<steady::time_point> begun, ended; // of the server's thread until it is joined
  auto server = start_server({{"/metrics",
                               [&] {
                                 begun.push_back(steady::now());
                                 timespec now{};
                                 ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
                                 const auto end =
                                   std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec} + cost;
                                 while (std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec} < end)
                                   ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
                                 ended.push_back(steady::now());
                                 return ok();
                               }}},
                             {.rest = 4});
  ASSERT_TRUE(server);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(status_of(testing_support::get("127.0.0.1", server->port(), "/metrics")), "HTTP/1.1 200");
  server->stop();
  ASSERT_EQ(begun.size(), 3u);
  for (size_t i = 1; i < begun.size(); ++i)
    EXPECT_GE(begun[i] - ended[i - 1], 4 * cost - 2ms);
}

TEST(http_limits, without_descriptors_it_waits_and_does_not_spin) {
  auto server = start_server({{"/health", ok}});
  ASSERT_TRUE(server);
  const int unconnected = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = ::dup(unconnected);
  ::close(next);
  const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(server->port());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(unconnected, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  const std::string_view request = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(::send(unconnected, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  rusage used_before{}, used_after{};
  ::getrusage(RUSAGE_SELF, &used_before);
  pollfd p{unconnected, POLLIN, 0};
  EXPECT_EQ(::poll(&p, 1, 300), 0);
  ::getrusage(RUSAGE_SELF, &used_after);
  ::setrlimit(RLIMIT_NOFILE, &before);
  const auto seconds = [](const rusage& r) {
    return static_cast<double>(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           static_cast<double>(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
  };
  EXPECT_LT(seconds(used_after) - seconds(used_before), 0.1);
  EXPECT_EQ(::poll(&p, 1, 5'000), 1) << "it was in the kernel's queue meanwhile";
  ::close(unconnected);
}

TEST(http_limits, own_hosts) {
  struct {
    const char* host;
    const char* bound;
    bool own;
  } cases[] = {
    {"", "", true},
    {"127.0.0.1", "", true},
    {"127.0.0.1:9154", "", true},
    {"192.0.2.7:9154", "", true},
    {"[::1]", "", true},
    {"[2001:db8::1]:9154", "", true},
    {"localhost", "", true},
    {"LocalHost:9154", "", true},
    {"dns.example:9154", "dns.example", true},
    {"DNS.example", "dns.example", true},
    {"dns.example", "", false},
    {"evil.example:9154", "dns.example", false},
    {"127.0.0.1.evil.example", "", false},
    {"localhost.evil.example", "", false},
    {"[::1", "", false},
    {"[evil.example]", "", false},
    {"1.2.3", "", false},
  };
  for (auto& c : cases)
    EXPECT_EQ(is_own_host(c.host, c.bound), c.own) << c.host;
}

TEST(http_limits, pages_for_own_hosts_are_for_no_other) {
  auto server = start_server({{"/actors", ok}}, {}, http_hosts::own);
  ASSERT_TRUE(server);
  struct {
    const char* header;
    const char* status;
  } cases[] = {
    {"Host: 127.0.0.1\r\n", "HTTP/1.1 200"},
    {"Host: localhost:9154\r\n", "HTTP/1.1 200"},
    {"", "HTTP/1.1 400"},
    {"Host: evil.example\r\n", "HTTP/1.1 421"},
  };
  for (auto& c : cases) {
    http_client client{"127.0.0.1", server->port()};
    client.send(std::string{"GET /actors HTTP/1.1\r\n"} + c.header + "\r\n");
    client.end_sending();
    EXPECT_EQ(status_of(client.read_all()), c.status) << c.header;
  }
}

TEST(http_limits, tables_are_shown_in_no_other_page_and_run_nothing) {
  auto server = start_server({{"/", [] { return http_response{200, "text/html; charset=utf-8", "<p>"}; }}});
  ASSERT_TRUE(server);
  const auto answer = testing_support::get("127.0.0.1", server->port(), "/");
  EXPECT_NE(answer.find("\r\nContent-Security-Policy: default-src 'none'; "), std::string::npos) << answer;
  EXPECT_NE(answer.find("\r\nX-Frame-Options: DENY\r\n"), std::string::npos) << answer;
}
