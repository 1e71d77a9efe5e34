// SPDX-License-Identifier: Apache-2.0
#include "upstream_fixture.hpp"

#include <thread>

using namespace troupe;
using namespace troupe::net;
using namespace troupe::net::test;

namespace {

constexpr size_t loops = 3, exchanges = 2'000, at_once = 20;

/// A loop with a link of its own on this thread, until all its exchanges are done. Returns how many were answered.
size_t exchange_all(size_t index, const socket_address& upstream) {
  loop home{index};
  upstream_link link{home, to(upstream)};
  const dns::query what = dns::test::asked("web.test.");
  size_t asked = 0, done = 0, answered = 0;
  std::function<void()> ask = [&] {
    const auto over = asked++ % 2 == 0 ? protocol::udp : protocol::tcp;
    link.ask(what, {.over = over, .deadline = home.now() + std::chrono::seconds(20)}, [&](exchange_result&& r) {
      answered += r.reply != nullptr;
      if (++done == exchanges)
        home.stop();
      else if (asked < exchanges)
        ask();
    });
  };
  for (size_t i = 0; i < at_once; ++i)
    ask();
  home.run();
  return answered;
}

} // namespace

TEST(upstream_links, on_several_threads_share_nothing_that_moves) {
  udp_upstream by_udp;
  tcp_upstream by_tcp{by_udp.address()};
  std::atomic<size_t> running{loops}, answered{0};
  std::vector<std::thread> threads;
  for (size_t i = 0; i < loops; ++i)
    threads.emplace_back([&, i, at = by_udp.address()] {
      answered += exchange_all(i, at);
      --running;
    });
  std::vector<std::unique_ptr<tcp_peer>> peers;
  while (running != 0) {
    while (const auto q = by_udp.receive())
      by_udp.send(q->from, dns::test::reply_to(q->query, q->query.id, 0, {"web.test. 30 A 192.0.2.1"}));
    while (auto peer = by_tcp.accept())
      peers.push_back(std::move(peer));
    for (auto& peer : peers)
      while (const auto q = peer->receive())
        peer->send(dns::test::reply_to(q->query, q->query.id, 0, {"web.test. 30 A 192.0.2.1"}));
  }
  for (auto& t : threads)
    t.join();
  EXPECT_EQ(answered, loops * exchanges);
}
