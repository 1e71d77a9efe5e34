// SPDX-License-Identifier: Apache-2.0
#include "tests/net/kube/client_script.hpp"

#include <atomic>
#include <future>

using namespace troupe::kube;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST(api_client, lists_and_watches_all_resources) {
  scripted_api server([](const scripted_request& request, scripted_peer& peer) {
    EXPECT_TRUE(request.says("User-Agent: Troupe\r\n"));
    EXPECT_TRUE(request.says("Accept: application/vnd.kubernetes.protobuf"));
    if (request.asks("watch=1"))
      return (void)(peer.head(200) && peer.hold());
    const std::string name = request.asks("/apis/discovery.k8s.io/v1/endpointslices") ? "e"
                             : request.asks("/api/v1/services")                       ? "s"
                                                                                      : "n";
    peer.whole(200, list("5", {name}, "", asked(request)));
  });
  client c(server.port());
  EXPECT_TRUE(c.until([&] { return c.synced.size() == 3; }));
  EXPECT_EQ(c.story(resource::service), "(+s)");
  EXPECT_EQ(c.story(resource::namespace_object), "(+n)");
  EXPECT_EQ(server.connections(), 3u); // the watch goes over the list's connection
}

TEST(api_client, keeps_to_its_rate) {
  scripted_api server(script{std::vector<script::step>{}}); // nothing, and silence
  client c(server.port(), client::fast(), {}, 1'000'000, {.per_second = 20, .burst = 2});
  EXPECT_TRUE(c.until([&] { return c.held_back.size() >= 6; })); // three lists, three watches
  std::sort(c.held_back.begin(), c.held_back.end());
  EXPECT_LT(c.held_back[0], std::chrono::milliseconds{50});
  EXPECT_GE(c.held_back[5], std::chrono::milliseconds{45}); // the fourth of a burst of two comes 100 ms later at least
}

/// A list has its place until it is whole, a watch until it is answered: with one place all of it comes one by one.
TEST(api_client, keeps_to_its_places) {
  std::atomic<int> lists{0}, most{0}, watches{0};
  scripted_api server([&](const scripted_request& request, scripted_peer& peer) {
    if (request.asks("watch=1")) {
      ++watches;
      return (void)(peer.head(200) && peer.hold());
    }
    const int now = ++lists;
    most = std::max(most.load(), now);
    peer.head(200);
    peer.chunk(list("1", {}, "", asked(request)));
    --lists; // before the end is seen on the other side
    peer.end_chunks();
  });
  client c(server.port(), client::fast(), {}, 1'000'000, {.in_flight = 1});
  EXPECT_TRUE(c.until([&] { return c.synced.size() == 3 && watches == 3; }));
  EXPECT_EQ(most, 1);
}

// Fault A10: an event cut at each octet of the stream, in chunks of its own.
TEST(api_client, does_not_care_how_chunks_are_cut) {
  const std::string events = event("ADDED", "a", "8") + event("DELETED", "a", "9") + event("ADDED", "b", "10");
  scripted_api server(script{{whole(list("7", {})), [&](auto&, auto& peer) {
                                peer.head(200);
                                for (char octet : events)
                                  peer.chunk({&octet, 1});
                                peer.hold();
                              }}});
  client c(server.port());
  EXPECT_TRUE(c.until([&] { return c.story() == "()+a-a+b"; })) << c.story();

  std::vector<script::step> halves;
  std::string want = "()";
  for (size_t cut = 1, version = 8; cut < events.size(); cut += 37) {
    std::string next;
    for (auto [type, name] : {std::pair{"ADDED", "a"}, {"DELETED", "a"}, {"ADDED", "b"}})
      next += event(type, name, std::to_string(version++));
    halves.push_back([=](auto&, auto& peer) {
      peer.head(200) && peer.chunk(next.substr(0, cut)) && peer.chunk(next.substr(cut)) && peer.end_chunks();
    });
    want += "+a-a+b";
  }
  halves.insert(halves.begin(), whole(list("7", {})));
  scripted_api second(script{halves});
  client d(second.port());
  EXPECT_TRUE(d.until([&] { return d.story() == want; })) << d.story();
}

// Faults A1 and A2: nobody listens at start; then the server dies and comes back.
TEST(api_client, waits_for_a_server_and_survives_its_death) {
  uint16_t port;
  {
    scripted_api gone([](auto&, auto&) {});
    port = gone.port();
  }
  client c(port);
  EXPECT_TRUE(c.until([&] { return c.logged("cannot connect"); }));
  EXPECT_FALSE(c.object.status(resource::service).synced);
  {
    scripted_api server(script{{whole(list("7", {"a"}))}}, {}, port);
    EXPECT_TRUE(c.until([&] { return c.synced.size() == 3; }));
    EXPECT_EQ(c.story().substr(c.story().find_last_of('(')), "(+a)");
  }
  EXPECT_TRUE(c.until([&] { return !c.object.status(resource::service).connected; }));
  EXPECT_TRUE(c.object.status(resource::service).synced);
  // What a server says that was started anew: its watch cache does not reach back.
  scripted_api server(
    [](const scripted_request& request, scripted_peer& peer) {
      if (request.asks("watch=1") && request.asks("resourceVersion=7"))
        return (void)peer.whole(410, "{}");
      request.asks("watch=1") ? (void)(peer.head(200) && peer.hold())
                              : (void)peer.whole(200, list("9", {"a", "b"}, "", asked(request)));
    },
    {}, port);
  EXPECT_TRUE(c.until([&] { return c.story().ends_with("(+a+b)"); })) << c.story();
  EXPECT_EQ(c.synced.size(), 3u); // once per resource
}

// Another server takes the place of the first: everything is listed there; the same one again is asked nothing.
TEST(api_client, turns_to_another_server) {
  scripted_api first(script{{whole(list("7", {"a"}))}});
  std::promise<void> turned;
  scripted_api second(script{{whole(list("3", {"b"})), [&](auto&, auto& peer) {
                                peer.head(200);
                                turned.get_future().wait_for(10s);
                                peer.chunk(event("ADDED", "c", "4"));
                                peer.hold();
                              }}});
  client c(first.port());
  EXPECT_TRUE(c.until([&] { return c.story() == "(+a)"; })) << c.story();
  api_server same;
  same.host = "127.0.0.1";
  same.tls = false;
  same.port = second.port();
  c.object.turn_to(same);
  EXPECT_TRUE(c.until([&] { return c.story() == "(+a)(+b)"; })) << c.story();
  const auto lists = c.object.status(resource::service).relists;
  c.object.turn_to(same);
  turned.set_value();
  EXPECT_TRUE(c.until([&] { return c.story().ends_with("+c"); }));
  EXPECT_EQ(c.story(), "(+a)(+b)+c");
  EXPECT_EQ(c.object.status(resource::service).relists, lists);
  EXPECT_TRUE(c.object.status(resource::service).synced);
}

// Fault A8: page 2 of 5, then a reset.
TEST(api_client, starts_a_list_again_that_was_reset) {
  scripted_api server(script{{whole(list("7", {"p1"}, "2")),
                              [](auto&, auto& peer) {
                                peer.head(200) && peer.chunk(list("7", {"p2"}, "3").substr(0, 90));
                                peer.reset();
                              },
                              whole(list("7", {"q1"}, "2")), whole(list("7", {"q2"}))}});
  client c(server.port());
  EXPECT_TRUE(c.until([&] { return c.story().ends_with(")"); }));
  EXPECT_EQ(c.story(), "((+q1+q2)");
}

// Faults A6 and A7 over the wire.
TEST(api_client, lists_again_after_410_and_comes_back_after_429) {
  scripted_api server(script{{whole("{}", 429, "Retry-After: 1\r\n"), whole("<html>", 503), whole(list("7", {"a"})),
                              stream(R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}})"
                                     "\n"),
                              whole(list("8", {"b"})), whole("{}", 410), whole(list("9", {"c"}))}});
  client c(server.port());
  EXPECT_TRUE(c.until([&] { return c.story().ends_with("(+c)"); })) << c.story();
  EXPECT_NE(c.story().find("+a)(+b)(+c)"), std::string::npos) << c.story();
}

// Fault A13.
TEST(api_client, goes_on_after_a_thousand_closed_watches) {
  std::vector<script::step> steps(1000, [](auto&, auto& peer) { peer.head(200) && peer.end_chunks(); });
  steps.insert(steps.begin(), whole(list("7", {"a"})));
  steps.push_back(stream(event("ADDED", "b", "8")));
  scripted_api server(script{steps});
  auto timings = client::fast();
  timings.backoff_first = timings.backoff_limit = 0ms;
  client c(server.port(), timings);
  EXPECT_TRUE(c.until([&] { return c.story() == "(+a)+b"; })) << c.story();
}

// Fault A5: the peer is gone without a word (a proxy or firewall lost the connection).
TEST(api_client, drops_a_connection_that_went_silent) {
  scripted_api server(
    script{{whole(list("7", {"a"})), stream(event("ADDED", "b", "8")), stream(event("ADDED", "c", "9"))}});
  auto timings = client::fast();
  timings.idle = 50ms;
  client c(server.port(), timings);
  EXPECT_TRUE(c.until([&] { return c.story() == "(+a)+b+c"; })) << c.story();
  EXPECT_GE(c.object.status(resource::service).fresh.signs[size_t(stale_sign::silent)], 1u);
  EXPECT_GE(c.object.status(resource::service).audits, 1u);
}

TEST(api_client, goes_on_after_resets_at_any_point) {
  const std::string response =
    "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(list("7", {"a"}).size()) + "\r\n\r\n" + list("7", {"a"});
  std::vector<script::step> steps;
  for (size_t n = 0; n < response.size(); n += 7)
    steps.push_back([=](auto&, auto& peer) {
      peer.send(response.substr(0, n));
      peer.reset();
    });
  steps.push_back(whole(list("7", {"whole"})));
  steps.push_back(reset());
  steps.push_back(stream(event("ADDED", "b", "8")));
  scripted_api server(script{steps});
  client c(server.port());
  EXPECT_TRUE(c.until([&] { return c.story().ends_with("(+whole)+b"); })) << c.story();
  const auto story = c.story();
  EXPECT_EQ(std::count(story.begin(), story.end(), ')'), 1);
}

// What is not HTTP at all.
TEST(api_client, survives_strangers) {
  const std::string big(200'000, 'x');
  scripted_api server(script{{
    [](auto&, auto& peer) { peer.send("SSH-2.0-OpenSSH_9.2\r\n"), peer.reset(); },
    [&](auto&, auto& peer) { peer.send("HTTP/1.1 200 OK\r\nX: " + big + "\r\n\r\n"), peer.reset(); },
    [](auto&, auto& peer) { peer.send("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), peer.reset(); },
    [](auto&, auto& peer) { peer.head(200), peer.send("zz\r\n"), peer.reset(); },
    [](auto&, auto& peer) { peer.head(200), peer.send("ffffffffffffffffff\r\n"), peer.reset(); },
    whole("", 204),
    whole("", 302, "Location: /\r\n"),
    whole("<html>", 200),
    whole(list("7", {"a"})),
  }});
  client c(server.port());
  EXPECT_TRUE(c.until([&] { return c.story().ends_with("(+a)"); })) << c.story();
}

TEST(api_client, pauses_without_credit) {
  std::string events;
  for (int i = 0; i < 2000; ++i)
    events += event("ADDED", "s" + std::to_string(i), "8");
  scripted_api server(script{{whole(list("7", {})), [&](auto&, auto& peer) {
                                peer.head(200);
                                for (int i = 0; i < 10; ++i)
                                  peer.chunk(events);
                                peer.hold();
                              }}});
  client c(server.port(), client::fast(), {}, 4);
  EXPECT_TRUE(c.until([&] { return c.chunks() == 4; }));
  c.object.grant(resource::service, 3);
  EXPECT_TRUE(c.until([&] { return c.chunks() == 7; }));
  c.object.grant(resource::service, 1'000'000);
  EXPECT_TRUE(c.until([&] { return c.changes() == 20'000; }));
}

TEST(api_client, starts_again_after_an_exception_in_a_callback) {
  scripted_api server(script{{whole(list("7", {"a"})), stream(event("ADDED", "throw", "8")), whole(list("9", {"b"}))}});
  client c(server.port());
  EXPECT_TRUE(c.until([&] { return c.story().ends_with("(+b)"); })) << c.story();
}

TEST(api_client, stops_at_once_in_any_state) {
  for (int state = 0; state < 4; ++state) {
    scripted_api server([&](const scripted_request& request, scripted_peer& peer) {
      if (state == 0 || (state == 1 && request.asks("watch=1")))
        peer.hold();
      else if (state == 2)
        peer.reset();
      else
        request.asks("watch=1") ? (void)(peer.head(200) && peer.hold())
                                : (void)peer.whole(200, list("7", {"a"}, "", asked(request)));
    });
    client c(server.port());
    EXPECT_TRUE(c.until([&] { return !server.targets().empty(); }));
    const auto begin = std::chrono::steady_clock::now();
    c.object.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 500ms) << state;
  }
}
