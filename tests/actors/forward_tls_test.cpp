// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/forward_tls.hpp"
#include "config/read_whole.hpp"
#include "tests/net/tls_peer.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace troupe;
using namespace troupe::net;
using namespace troupe::net::test;
using troupe::test::scripted_authority;

namespace {

class forward_tls_files : public upstream_fixture {
protected:
  forward_tls_files() {
    folder = std::filesystem::temp_directory_path() / ("forward_tls_test." + std::to_string(::getpid()));
    std::filesystem::create_directory(folder);
  }
  ~forward_tls_files() override { std::filesystem::remove_all(folder); }

  std::string file(const char* name) const { return (folder / name).string(); }
  void write(const char* name, const std::string& text) const { std::ofstream{file(name)} << text; }

  config::forward_options reading(const config::tls_files& files) const {
    config::forward_options options;
    options.tls = files;
    config::environment env;
    env.read = config::read_whole;
    auto texts = config::read_tls_files(files, env);
    EXPECT_TRUE(std::holds_alternative<config::tls_texts>(texts));
    options.tls_content = std::get<config::tls_texts>(texts);
    return options;
  }
  /// What comes of a question to the server at present, and the error's last word.
  std::string outcome(tls_server& server, const forward_tls& client, const config::forward_options& options,
                      config::upstream_source source) {
    link_options how = by_tls(server.address(), nullptr);
    source.tls = true;
    source.address = {"127.0.0.1", server.address().port()};
    how.opener = client.connector(options, source);
    upstream_link link{home, how};
    results.clear();
    ask(link, "www.test.", wish());
    std::unique_ptr<tls_server::peer> peer;
    EXPECT_TRUE(until([&] {
      if (!peer)
        peer = server.accept();
      if (const auto q = peer ? peer->receive() : std::nullopt)
        peer->send(good(*q));
      return all_done();
    }));
    const auto& r = *results.back();
    return r.reply ? "answered" : r.error.substr(r.error.rfind(' ') + 1);
  }

  std::filesystem::path folder;
};

} // namespace

TEST_F(forward_tls_files, are_followed_if_they_are_any_good) {
  scripted_authority first, second;
  write("ca", first.pem());
  auto options = reading({{}, {}, file("ca")});
  forward_tls client{options};
  EXPECT_TRUE(client.has_files());
  tls_server of_first{first.issue("IP:127.0.0.1")}, of_second{second.issue("IP:127.0.0.1")};
  EXPECT_EQ(outcome(of_first, client, options, {}), "answered");
  EXPECT_EQ(outcome(of_second, client, options, {}), "authority");
  for (const char* text : {"", "half a certificate"}) {
    write("ca", text);
    client.follow_files();
    EXPECT_EQ(outcome(of_first, client, options, {}), "answered") << "no good: " << text;
  }
  write("ca", second.pem());
  client.follow_files();
  EXPECT_EQ(outcome(of_first, client, options, {}), "authority");
  EXPECT_EQ(outcome(of_second, client, options, {}), "answered");
  write("ca", first.pem() + second.pem());
  client.follow_files();
  EXPECT_EQ(outcome(of_first, client, options, {}), "answered");
  EXPECT_EQ(outcome(of_second, client, options, {}), "answered");
}

TEST_F(forward_tls_files, hold_what_we_show_too) {
  scripted_authority authority, clients;
  tls_server_rules rules;
  rules.client_authority = clients.pem();
  rules.newest = TLS1_2_VERSION;
  tls_server strict{authority.issue("IP:127.0.0.1"), rules};
  const auto wrong = authority.issue("DNS:client.test"), right = clients.issue("DNS:client.test");
  write("ca", authority.pem());
  write("certificate", wrong.certificate);
  write("key", wrong.key);
  const auto options = reading({file("certificate"), file("key"), file("ca")});
  forward_tls client{options};
  EXPECT_NE(outcome(strict, client, options, {}), "answered");
  write("certificate", right.certificate); // the key is still the old one's
  client.follow_files();
  EXPECT_NE(outcome(strict, client, options, {}), "answered");
  write("key", right.key);
  client.follow_files();
  EXPECT_EQ(outcome(strict, client, options, {}), "answered");
}

TEST_F(forward_tls_files, are_believed_for_the_name_that_is_said) {
  scripted_authority authority;
  write("ca", authority.pem());
  tls_server named{authority.issue("DNS:dns.test")}, numbered{authority.issue("IP:127.0.0.1")};
  auto options = reading({{}, {}, file("ca")});
  const forward_tls client{options};
  config::upstream_source source;
  EXPECT_EQ(outcome(numbered, client, options, source), "answered");
  EXPECT_EQ(outcome(named, client, options, source), "SANs");
  source.server_name = "dns.test";
  EXPECT_EQ(outcome(named, client, options, source), "answered");
  source.server_name.clear();
  options.tls_server_name = "dns.test";
  EXPECT_EQ(outcome(named, client, options, source), "answered");
  EXPECT_EQ(outcome(numbered, client, options, source), "dns.test");
}
