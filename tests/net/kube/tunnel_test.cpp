// SPDX-License-Identifier: Apache-2.0
#include "net/kube/tunnel.hpp"
#include "tests/net/kube/client_script.hpp"
#include "tests/support/scripted_api_tls.hpp"

#include <atomic>
#include <future>
#include <optional>

using namespace troupe::kube;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// Sends what is for the API server to a proxy at `port` of this host.
void send_through(api_server& server, uint16_t port, std::optional<std::string> credentials = {}) {
  server.through.emplace();
  server.through->host = "127.0.0.1";
  server.through->port = port;
  server.through->credentials = std::move(credentials);
  server.through->origin = "HTTPS_PROXY";
}

script::step raw(std::string octets) {
  return [=](auto&, auto& peer) { peer.send(octets) && peer.hold(); };
}

} // namespace

TEST(tunnel, carries_tls_to_the_server_itself) {
  scripted_authority ours;
  scripted_api server(script{{whole(list("7", {"a"})), stream(event("ADDED", "b", "8"))}}, ours.issue("DNS:api.test"));
  scripted_api proxy([&](const scripted_request& request, scripted_peer& peer) {
    EXPECT_TRUE(request.head.starts_with("CONNECT api.test:6443 HTTP/1.1\r\n")) << request.head;
    EXPECT_TRUE(request.says("Host: api.test:6443\r\n")) << request.head;
    EXPECT_TRUE(request.says("User-Agent: Troupe\r\n")) << request.head;
    EXPECT_TRUE(request.says("Proxy-Authorization: Basic dTpw\r\n")) << request.head;
    EXPECT_FALSE(request.says("\r\nAuthorization: ")) << "the token is the server's";
    // A length that is not to be believed: behind the head the server speaks.
    peer.send("HTTP/1.0 200 Connection established\r\nContent-Length: 5\r\n\r\n") && peer.join(server.port());
  });
  client c(6443, client::fast(), [&](api_server& s) {
    send_through(s, proxy.port(), "u:p");
    s.host = "api.test"; // which nobody here can look up
    s.tls = true;
    s.authority.text = ours.pem();
    s.token = "a.b.c";
  });
  EXPECT_TRUE(c.until([&] { return c.story() == "(+a)+b"; })) << c.log();
}

TEST(tunnel, believes_no_other_certificate_behind_a_proxy) {
  scripted_authority ours;
  scripted_api server(script{{whole(list("7", {"a"}))}}, ours.issue("IP:127.0.0.1"));
  scripted_api proxy(
    [&](auto&, scripted_peer& peer) { peer.send("HTTP/1.1 200 OK\r\n\r\n") && peer.join(server.port()); });
  client c(443, client::fast(), [&](api_server& s) {
    send_through(s, proxy.port());
    s.host = "api.test";
    s.tls = true;
    s.authority.text = ours.pem();
  });
  EXPECT_TRUE(c.until([&] { return c.logged("hostname mismatch"); })) << c.log();
  EXPECT_TRUE(c.synced.empty());
}

// For an http server the proxy is asked itself, in absolute form.
TEST(tunnel, is_none_for_an_http_server) {
  std::atomic<bool> refused = false;
  scripted_api proxy([&](const scripted_request& request, scripted_peer& peer) {
    EXPECT_TRUE(request.target.starts_with("http://[fd00::1]:8080/k8s/api")) << request.target;
    EXPECT_TRUE(request.says("Host: [fd00::1]:8080\r\n")) << request.head;
    EXPECT_TRUE(request.says("Proxy-Authorization: Basic dTpw\r\n")) << request.head;
    EXPECT_TRUE(request.says("\r\nAuthorization: Bearer a.b.c\r\n")) << request.head;
    if (!refused.exchange(true))
      return (void)peer.whole(407, "");
    request.asks("watch=1") ? (void)(peer.head(200) && peer.hold())
                            : (void)peer.whole(200, list("1", {}, "", asked(request)));
  });
  client c(8080, client::fast(), [&](api_server& s) {
    send_through(s, proxy.port(), "u:p");
    s.host = "fd00::1";
    s.path = "/k8s";
    s.token = "a.b.c";
  });
  EXPECT_TRUE(c.until([&] { return c.synced.size() == 3; })) << c.log();
  EXPECT_TRUE(c.logged("the proxy refuses: HTTP 407 'Scripted'; it does not take the user")) << c.log();
}

TEST(tunnel, says_what_is_wrong_with_the_proxy) {
  const std::string way = "api.test:443 through the proxy 127.0.0.1:";
  struct {
    const char* name;
    script::step step;
    std::string want;
  } cases[] = {
    {"403", raw("HTTP/1.1 403 Not this\r\nContent-Length: 100\r\n\r\n"), "the proxy refuses: HTTP 403 'Not this'"},
    {"407", raw("HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic\r\n\r\n"),
     "the proxy refuses: HTTP 407 'Who?'; it wants USER:PASSWORD@ in front of its host"},
    {"502", raw("HTTP/1.1 502 Bad Gateway\r\n\r\n"), "the proxy refuses: HTTP 502 'Bad Gateway'"},
    {"closes", [](auto&, auto& peer) { peer.close(); }, "the proxy: no answer to CONNECT: it closed the connection"},
    {"resets", [](auto&, auto& peer) { peer.reset(); }, "the proxy: no answer to CONNECT: it closed the connection"},
    {"half a head", [](auto&, auto& peer) { peer.send("HTTP/1.1 200 OK\r\n"), peer.close(); },
     "the proxy: no answer to CONNECT: it closed the connection"},
    {"says nothing", [](auto&, auto& peer) { peer.hold(); }, "the proxy: no answer to CONNECT: nothing heard in time"},
    {"garbage", raw("\x16\x03\x01\x02garbage\r\n\r\n"), "the proxy: no answer to CONNECT: bad version"},
    {"an endless head",
     [](auto&, auto& peer) {
       peer.send("HTTP/1.1 200 OK\r\n");
       while (peer.send("X-More: of the same\r\n")) {
       }
     },
     "the proxy: no answer to CONNECT: "},
    {"an endless line",
     [](auto&, auto& peer) {
       while (peer.send("HTTP/1.1 200 OK and so on ")) {
       }
     },
     "the proxy: no answer to CONNECT: "},
    {"a head, octet by octet",
     [](auto&, auto& peer) {
       peer.send("HTTP/1.1 200 OK\r\nX-Slow: ");
       std::promise<void> never;
       const auto pace = never.get_future();
       while (peer.send("x"))
         pace.wait_for(10ms);
     },
     "the proxy: no answer to CONNECT: nothing heard in time"},
    {"more than was asked for", raw("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
     "the proxy: more came with its answer to CONNECT than that"},
  };
  for (auto& one : cases) {
    scripted_api proxy([&](const scripted_request& request, scripted_peer& peer) { one.step(request, peer); });
    auto timings = client::fast();
    timings.connect = 300ms;
    client c(443, timings, [&](api_server& s) {
      send_through(s, proxy.port());
      s.host = "api.test";
      s.tls = s.insecure = true;
    });
    const auto want = way + std::to_string(proxy.port()) + " (HTTPS_PROXY): " + one.want;
    EXPECT_TRUE(c.until([&] { return c.logged(want); })) << one.name << ": " << c.log();
    EXPECT_TRUE(c.synced.empty()) << one.name;
  }
}

TEST(tunnel, says_that_the_proxy_is_not_there) {
  uint16_t port = 0;
  {
    scripted_api gone([](auto&, auto&) {});
    port = gone.port();
  }
  client c(443, client::fast(), [&](api_server& s) {
    send_through(s, port);
    s.host = "api.test";
    s.tls = s.insecure = true;
  });
  EXPECT_TRUE(c.until([&] {
    return c.logged("api.test:443 through the proxy 127.0.0.1:" + std::to_string(port) +
                    " (HTTPS_PROXY): cannot connect: Connection refused");
  }))
    << c.log();
}

TEST(socks, carries_tls_to_the_server_itself) {
  scripted_authority ours;
  scripted_api server(script{std::vector<script::step>{}}, ours.issue("DNS:api.test"));
  struct {
    std::optional<std::string> credentials;
    std::string answer_address; ///< where the proxy says that it stands
  } cases[] = {
    {{}, std::string{1, 127, 0, 0, 1, 4, 4}},
    {"u:p:w", std::string{4} + std::string(18, 'x')},
    {"u:", std::string{3, 4} + "here" + "pp"},
    {"u:p", std::string{3, 0} + "pp"},
    {"u:p", std::string{3, char(255)} + std::string(257, 'x')},
  };
  for (auto& one : cases) {
    scripted_api proxy(scripted_api::without_http{}, [&](auto&, scripted_peer& peer) {
      if (!one.credentials) {
        EXPECT_EQ(peer.receive(3), std::string({5, 1, 0}));
        peer.send(std::string{5, 0});
      } else {
        const auto password = one.credentials->substr(2);
        EXPECT_EQ(peer.receive(4), std::string({5, 2, 0, 2}));
        peer.send(std::string{5, 2});
        const auto login = std::string{1, 1, 'u', char(password.size())} + password;
        EXPECT_EQ(peer.receive(login.size()), login);
        peer.send(std::string{1, 0});
      }
      const auto want = std::string{5, 1, 0, 3, 8} + "api.test" + std::string{6443 >> 8, 6443 & 255};
      EXPECT_EQ(peer.receive(want.size()), want);
      peer.send(std::string{5, 0, 0} + one.answer_address) && peer.join(server.port());
    });
    client c(6443, client::fast(), [&](api_server& s) {
      send_through(s, proxy.port(), one.credentials);
      s.through->speaks = troupe::kube::proxy::protocol::socks5;
      s.host = "api.test";
      s.tls = true;
      s.authority.text = ours.pem();
    });
    EXPECT_TRUE(c.until([&] { return c.synced.size() == 3; })) << c.log();
  }
}

TEST(socks, says_what_is_wrong_with_the_proxy) {
  struct {
    const char* name;
    std::string greeting, answer; ///< empty: closes
    std::string want;
  } cases[] = {
    {"HTTP", "HT", "", "it does not speak SOCKS 5"},
    {"SOCKS 4", {0, 91}, "", "it does not speak SOCKS 5"},
    {"no way", {5, -1}, "", "it refuses: it wants another user and password than it was given, or one"},
    {"a way not offered", {5, 2}, "", "it refuses: it wants another user and password than it was given, or one"},
    {"closes", "", "", "no answer by SOCKS 5: it closed the connection"},
    {"closes half way", {5}, "", "no answer by SOCKS 5: it closed the connection"},
    {"closes later", {5, 0}, {5, 0, 0}, "no answer by SOCKS 5: it closed the connection"},
    {"closes in the address", {5, 0}, {5, 0, 0, 4, 1}, "no answer by SOCKS 5: it closed the connection"},
    {"refused", {5, 0}, {5, 5, 0, 1, 0, 0, 0, 0, 0, 0}, "it cannot connect: connection refused (SOCKS 5)"},
    {"unknown", {5, 0}, {5, -2, 0, 1, 0, 0, 0, 0, 0, 0}, "it cannot connect: for no reason that is known (SOCKS 254)"},
    {"no address", {5, 0}, {5, 0, 0, 7, 0, 0, 0, 0, 0, 0}, "it does not speak SOCKS 5"},
    {"no version", {5, 0}, {4, 0, 0, 1, 0, 0, 0, 0, 0, 0}, "it does not speak SOCKS 5"},
  };
  for (auto& one : cases) {
    scripted_api proxy(scripted_api::without_http{}, [&](auto&, scripted_peer& peer) {
      peer.receive(3);
      peer.send(one.greeting);
      if (!one.answer.empty() && peer.receive(22).size() == 22)
        peer.send(one.answer);
      peer.close();
    });
    client c(80, client::fast(), [&](api_server& s) { // plain, but no request for the proxy to read
      send_through(s, proxy.port());
      s.through->speaks = troupe::kube::proxy::protocol::socks5;
      s.host = "fd00::1";
    });
    const auto want = "[fd00::1]:80 through the proxy 127.0.0.1:" + std::to_string(proxy.port()) +
                      " (HTTPS_PROXY): the proxy: " + one.want;
    EXPECT_TRUE(c.until([&] { return c.logged(want); })) << one.name << ": " << c.log();
  }
}

TEST(socks, has_no_room_for_long_words) {
  scripted_api proxy(scripted_api::without_http{}, [](auto&, auto& peer) { peer.hold(); });
  client c(80, client::fast(), [&](api_server& s) {
    send_through(s, proxy.port(), "u:" + std::string(256, 'p'));
    s.through->speaks = troupe::kube::proxy::protocol::socks5;
  });
  EXPECT_TRUE(c.until([&] { return c.logged("the proxy: a name, user or password has more octets than"); })) << c.log();
}
