// SPDX-License-Identifier: Apache-2.0
#include "net/kube/credentials.hpp"
#include "tests/net/kube/client_script.hpp"
#include "tests/support/scripted_api_tls.hpp"

#include <filesystem>
#include <fstream>

using namespace troupe::kube;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// A folder that is gone after the test.
struct folder {
  fs::path path = fs::path(testing::TempDir()) / ("troupe-credentials-" + std::to_string(getpid()));
  folder() { fs::remove_all(path), fs::create_directories(path); }
  ~folder() { fs::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
};

void write(const std::string& file, const std::string& text) {
  std::ofstream(file, std::ios::trunc) << text;
}

} // namespace

// Fault A3: what may become of a token's file. The old token stays in use until there is a new one.
TEST(token_source, takes_a_whole_new_token_and_nothing_else) {
  folder at;
  api_server server;
  server.token_file = at / "token";
  fs::create_directories(at / "..1"), fs::create_directories(at / "..2");
  write(at / "..1/token", "one.one.one\n"), write(at / "..2/token", "two.two.two\n");
  fs::create_directory_symlink("..1", at / "..data");
  fs::create_symlink("..data/token", server.token_file);
  token_source token(server);
  EXPECT_TRUE(token.refresh());
  EXPECT_EQ(token.token(), "one.one.one");
  EXPECT_FALSE(token.refresh());
  fs::create_directory_symlink("..2", at / "..tmp"); // as the kubelet does it
  fs::rename(at / "..tmp", at / "..data");
  EXPECT_TRUE(token.refresh());
  EXPECT_EQ(token.token(), "two.two.two");
  const std::pair<const char*, std::function<void()>> bad[] = {
    {"emptied", [&] { write(at / "..2/token", ""); }},
    {"white space", [&] { write(at / "..2/token", " \n\n"); }},
    {"truncated", [&] { write(at / "..2/token", "new.ne"); }},
    {"a line feed inside", [&] { write(at / "..2/token", "new.new\n.new"); }},
    {"no text", [&] { write(at / "..2/token", std::string("new.\0.new", 9)); }},
    {"too big", [&] { write(at / "..2/token", "a.b." + std::string(100'000, 'c')); }},
    {"gone", [&] { fs::remove(at / "..2/token"); }},
    {"a folder", [&] { fs::create_directory(at / "..2/token"); }},
    {"a broken link", [&] { fs::remove_all(at / "..2"); }},
  };
  for (auto& [name, happen] : bad) {
    happen();
    EXPECT_FALSE(token.refresh()) << name;
    EXPECT_EQ(token.token(), "two.two.two") << name;
  }
  fs::remove(server.token_file);
  write(server.token_file, "three.three.three");
  EXPECT_TRUE(token.refresh());
}

// Fault A3: 401 until the token file is written anew; an empty and a cut file change nothing.
TEST(api_client, reads_the_token_again) {
  const auto file = std::filesystem::path(testing::TempDir()) / ("troupe-token-" + std::to_string(getpid()));
  const auto write = [&](const char* text) { std::ofstream(file, std::ios::trunc) << text; };
  write("old.old.old\n");
  std::atomic<int> turns = 0;
  scripted_api server([&](const scripted_request& request, scripted_peer& peer) {
    if (request.says("Authorization: Bearer new.new.new\r\n"))
      return request.asks("watch=1") ? (void)(peer.head(200) && peer.hold())
                                     : (void)peer.whole(200, list("7", {"a"}, "", asked(request)));
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

// Fault A4: client certificate and key are renewed, one file after the other.
TEST(api_client, follows_a_new_client_certificate) {
  folder at;
  scripted_authority ours, first, second;
  const auto put = [&](const scripted_authority& by, bool key_only = false) {
    const auto one = by.issue("DNS:client");
    write(at / "key", one.key);
    return key_only ? one.certificate : (write(at / "crt", one.certificate), one.certificate);
  };
  put(first);
  auto identity = ours.issue("IP:127.0.0.1");
  identity.client_authority = first.pem();
  scripted_api server(
    script{{whole(list("7", {"a"})), stream(event("ADDED", "b", "8")), stream(event("ADDED", "c", "9"))}}, identity);
  auto timings = client::fast();
  timings.tls_refresh = 20ms;
  client c(server.port(), timings, [&](api_server& s) {
    s.tls = true;
    s.authority.text = ours.pem();
    s.certificate.file = at / "crt";
    s.key.file = at / "key";
  });
  EXPECT_TRUE(c.until([&] { return c.story() == "(+a)+b"; })) << c.log();
  identity.client_authority = second.pem();
  server.become(identity);
  const auto certificate = put(second, true);
  EXPECT_TRUE(c.until([&] { return c.logged("no PEM key of the certificate"); })) << c.log();
  EXPECT_EQ(c.story(), "(+a)+b"); // the old pair is in use
  write(at / "crt", certificate);
  EXPECT_TRUE(c.until([&] { return c.story() == "(+a)+b+c"; })) << c.log();
}

// Fault A4: the server's certificate has expired, or is not valid yet because a clock is an hour late; later it is
// good.
TEST(api_client, comes_back_when_the_certificate_is_valid) {
  scripted_authority ours;
  for (auto [from, to] : {std::pair{-7200, -3600}, {3600, 7200}}) {
    scripted_api server(script{{whole(list("7", {"a"}))}}, ours.issue("IP:127.0.0.1", from, to));
    client c(server.port(), client::fast(), [&](api_server& s) {
      s.tls = true;
      s.authority.text = ours.pem();
    });
    EXPECT_TRUE(c.until([&] { return c.logged("(valid from 20") && c.logged("it is 20"); })) << c.log(); // all times
    server.become(ours.issue("IP:127.0.0.1"));
    EXPECT_TRUE(c.until([&] { return c.synced.size() == 3; })) << c.log();
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
