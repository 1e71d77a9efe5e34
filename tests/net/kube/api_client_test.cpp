// SPDX-License-Identifier: Apache-2.0
#include "tests/net/kube/client_fixture.hpp"
#include "tests/support/scripted_api_tls.hpp"

#include <filesystem>
#include <fstream>

using namespace troupe::kube;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// Plays `steps` to the requests for services in their order, then lists nothing and watches in silence.
class script {
public:
  using step = std::function<void(const scripted_request&, scripted_peer&)>;
  explicit script(std::vector<step> steps) : steps_(std::move(steps)) {}

  void operator()(const scripted_request& request, scripted_peer& peer) {
    if (request.asks("/services") && next_ < steps_.size())
      return steps_[next_++](request, peer);
    request.asks("watch=1") ? (void)(peer.head(200) && peer.hold()) : (void)peer.whole(200, list("1", {}));
  }

private:
  std::vector<step> steps_;
  size_t next_ = 0;
};

script::step whole(std::string body, int status = 200, std::string headers = {}) {
  return [=](auto&, auto& peer) { peer.whole(status, body, headers); };
}

/// A watch that sends `body` and stays open.
script::step stream(std::string body) {
  return [=](auto&, auto& peer) { peer.head(200) && peer.chunk(body) && peer.hold(); };
}

script::step reset() {
  return [](auto&, auto& peer) { peer.reset(); };
}

} // namespace

TEST(api_client, lists_and_watches_all_resources) {
  scripted_api server([](const scripted_request& request, scripted_peer& peer) {
    EXPECT_TRUE(request.says("User-Agent: Troupe\r\n"));
    EXPECT_TRUE(request.says("Accept: application/json\r\n"));
    if (request.asks("watch=1"))
      return (void)(peer.head(200) && peer.hold());
    const std::string name = request.asks("/apis/discovery.k8s.io/v1/endpointslices") ? "e"
                             : request.asks("/api/v1/services")                       ? "s"
                                                                                      : "n";
    peer.whole(200, list("5", {name}));
  });
  client c(server.port());
  EXPECT_TRUE(c.until([&] { return c.synced.size() == 3; }));
  EXPECT_EQ(c.story(resource::service), "(+s)");
  EXPECT_EQ(c.story(resource::namespace_object), "(+n)");
  EXPECT_EQ(server.connections(), 3u); // the watch goes over the list's connection
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
  for (size_t cut = 1; cut < events.size(); cut += 37) {
    halves.push_back([=](auto&, auto& peer) {
      peer.head(200) && peer.chunk(events.substr(0, cut)) && peer.chunk(events.substr(cut)) && peer.end_chunks();
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
      request.asks("watch=1") ? (void)(peer.head(200) && peer.hold()) : (void)peer.whole(200, list("9", {"a", "b"}));
    },
    {}, port);
  EXPECT_TRUE(c.until([&] { return c.story().ends_with("(+a+b)"); })) << c.story();
  EXPECT_EQ(c.synced.size(), 3u); // once per resource
}

// Another server takes the place of the first: everything is listed there; the same one again is asked nothing.
TEST(api_client, turns_to_another_server) {
  scripted_api first(script{{whole(list("7", {"a"}))}}), second(script{{whole(list("3", {"b"}))}});
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
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(c.object.status(resource::service).relists, lists);
  EXPECT_EQ(c.story(), "(+a)(+b)");
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
  EXPECT_TRUE(c.logged("nothing heard in time"));
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

// Fault A3: 401 until the token file is written anew; an empty and a cut file change nothing.
TEST(api_client, reads_the_token_again) {
  const auto file = std::filesystem::path(testing::TempDir()) / ("troupe-token-" + std::to_string(getpid()));
  const auto write = [&](const char* text) { std::ofstream(file, std::ios::trunc) << text; };
  write("old.old.old\n");
  std::atomic<int> turns = 0;
  scripted_api server([&](const scripted_request& request, scripted_peer& peer) {
    if (request.says("Authorization: Bearer new.new.new\r\n"))
      return request.asks("watch=1") ? (void)(peer.head(200) && peer.hold()) : (void)peer.whole(200, list("7", {"a"}));
    EXPECT_TRUE(request.says("Authorization: Bearer old.old.old\r\n"));
    const int turn = turns++;
    write(turn < 10 ? "" : turn < 20 ? "new.ne" : "new.new.new");
    peer.whole(401, "{}");
  });
  client c(server.port(), client::fast(), [&](api_server& s) { s.token_file = file.string(); });
  EXPECT_TRUE(c.until([&] { return c.synced.size() == 3; }));
  EXPECT_GE(turns, 20);
  std::filesystem::remove(file);
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
        request.asks("watch=1") ? (void)(peer.head(200) && peer.hold()) : (void)peer.whole(200, list("7", {"a"}));
    });
    client c(server.port());
    EXPECT_TRUE(c.until([&] { return !server.targets().empty(); }));
    const auto begin = std::chrono::steady_clock::now();
    c.object.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 500ms) << state;
  }
}

// Fault A4: who the server is and until when.
TEST(api_client, believes_only_the_right_certificate) {
  scripted_authority ours, theirs;
  struct {
    const char* name;
    scripted_identity identity;
    std::string authority, expected_name;
    const char* complaint; // null: accepted
  } cases[] = {
    {"right address", ours.issue("IP:127.0.0.1"), ours.pem(), "", nullptr},
    {"right name", ours.issue("DNS:kubernetes.default"), ours.pem(), "kubernetes.default", nullptr},
    {"wrong address", ours.issue("IP:127.0.0.2"), ours.pem(), "", "IP address mismatch"},
    {"name for an address", ours.issue("DNS:127.0.0.1"), ours.pem(), "", "IP address mismatch"},
    {"wrong name", ours.issue("DNS:other"), ours.pem(), "kubernetes.default", "hostname mismatch"},
    {"expired", ours.issue("IP:127.0.0.1", -7200, -3600), ours.pem(), "", "expired"},
    {"not yet valid", ours.issue("IP:127.0.0.1", 3600, 7200), ours.pem(), "", "not yet valid"},
    {"wrong authority", theirs.issue("IP:127.0.0.1"), ours.pem(), "", "certificate"},
  };
  for (auto& c : cases) {
    scripted_api server(script{{whole(list("7", {"a"}))}}, c.identity);
    client object(server.port(), client::fast(), [&](api_server& s) {
      s.tls = true;
      s.authority.text = c.authority;
      s.server_name = c.expected_name;
    });
    if (c.complaint)
      EXPECT_TRUE(object.until([&] { return object.logged(c.complaint); })) << c.name << " " << object.log();
    else
      EXPECT_TRUE(object.until([&] { return object.synced.size() == 3; })) << c.name << " " << object.log();
    EXPECT_EQ(object.synced.empty(), c.complaint != nullptr) << c.name;
  }
}

// Fault A4: authority and certificate change while the client runs.
TEST(api_client, follows_a_new_authority) {
  scripted_authority first, second;
  const auto file = std::filesystem::path(testing::TempDir()) / ("troupe-ca-" + std::to_string(getpid()));
  std::ofstream(file) << first.pem();
  scripted_api server(
    script{{whole(list("7", {"a"})), stream(event("ADDED", "b", "8")), stream(event("ADDED", "c", "9"))}},
    first.issue("IP:127.0.0.1"));
  auto timings = client::fast();
  timings.tls_refresh = 20ms;
  client c(server.port(), timings, [&](api_server& s) {
    s.tls = true;
    s.authority.file = file.string();
  });
  EXPECT_TRUE(c.until([&] { return c.story() == "(+a)+b"; })) << c.log();
  std::ofstream(file, std::ios::trunc) << "half a fil"; // the old ones stay in use
  EXPECT_TRUE(c.until([&] { return c.logged("no PEM certificate"); }));
  server.become(second.issue("IP:127.0.0.1"));
  std::ofstream(file, std::ios::trunc) << second.pem();
  EXPECT_TRUE(c.until([&] { return c.story() == "(+a)+b+c"; })) << c.log();
  std::filesystem::remove(file);
}

TEST(api_client, takes_any_certificate_only_when_told_to) {
  scripted_authority theirs;
  scripted_api server(script{{whole(list("7", {"a"}))}}, theirs.issue("DNS:whoever"));
  client c(server.port(), client::fast(), [](api_server& s) { s.tls = s.insecure = true; });
  EXPECT_TRUE(c.until([&] { return c.synced.size() == 3; })) << c.log();
}
