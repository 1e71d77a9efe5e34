// SPDX-License-Identifier: Apache-2.0
#include "tests/net/tls_peer.hpp"

#include <regex>

using namespace troupe;
using namespace troupe::net;
using namespace troupe::net::test;
using namespace std::chrono_literals;
using troupe::test::scripted_authority;
using troupe::test::scripted_identity;

namespace {

class tls_exchange : public upstream_fixture {
protected:
  std::unique_ptr<tls_server::peer> accepted(tls_server& server) {
    std::unique_ptr<tls_server::peer> peer;
    EXPECT_TRUE(until([&] { return (peer = server.accept()) != nullptr; })) << "nobody connects";
    return peer;
  }
  seen query_on(tls_server::peer& peer) {
    std::optional<seen> q;
    EXPECT_TRUE(until([&] { return (q = peer.receive()).has_value(); })) << "no query";
    return q.value_or(seen{});
  }
  /// One question, answered; whether its connection was one that goes on with an earlier one's session.
  bool resumes(upstream_link& link, tls_server& server) {
    ask(link, "www.test.", wish());
    auto peer = accepted(server);
    peer->send(good(query_on(*peer)));
    EXPECT_TRUE(result().reply) << results.back()->error;
    settle();
    const bool reused = SSL_session_reused(peer->ssl()) == 1;
    peer->say_goodbye();
    peer.reset();
    settle();
    return reused;
  }
  /// Turns the loop while `peer`, if there is one, does what TLS wants of it.
  void settle(tls_server::peer* peer = nullptr) {
    for (int i = 0; i < 20; ++i) {
      turn();
      if (peer)
        peer->receive();
    }
  }
  /// What becomes of a question while the server does what it can.
  std::string outcome_with(tls_server& server, const link_options& options, size_t handshakes = 1) {
    results.clear();
    upstream_link link{home, options};
    ask(link, "www.test.", wish());
    std::vector<std::unique_ptr<tls_server::peer>> peers;
    EXPECT_TRUE(until([&] {
      if (auto fresh = server.accept())
        peers.push_back(std::move(fresh));
      for (auto& peer : peers)
        if (const auto q = peer->receive())
          peer->send(good(*q));
      return all_done();
    }));
    EXPECT_EQ(peers.size(), handshakes) << "one that fails is not tried again";
    const auto& r = *results.back();
    return r.reply ? "answered" : r.error;
  }

  scripted_authority authority;
};

const std::string failed = "tls: failed to verify certificate: x509: ";

} // namespace

TEST_F(tls_exchange, asks_whatever_is_wished_on_one_connection) {
  tls_server server{authority.issue("IP:127.0.0.1")};
  upstream_link link{home, by_tls(server.address(), believing(authority.pem()))};
  for (const char* name : {"a.test.", "b.test.", "c.test."})
    ask(link, name, wish(protocol::udp));
  auto peer = accepted(server);
  std::vector<seen> queries;
  for (int i = 0; i < 3; ++i)
    queries.push_back(query_on(*peer));
  for (const size_t i : {2, 0, 1})
    peer->send(good(queries[i]));
  ASSERT_TRUE(result().reply);
  for (auto& r : results)
    EXPECT_EQ(r->used, protocol::tcp);
  ask(link, "d.test.", wish(protocol::udp));
  peer->send(good(query_on(*peer), dns::flag::ra | dns::flag::tc));
  EXPECT_TRUE(result().reused_connection);
  EXPECT_FALSE(server.accept()) << "neither a second connection nor, for TC, another way";
  pass(11s);
  EXPECT_TRUE(until([&] { return peer->over(); })) << "idle for longer than `expire`";
}

TEST_F(tls_exchange, reads_answers_however_they_are_cut) {
  tls_server server{authority.issue("IP:127.0.0.1")};
  upstream_link link{home, by_tls(server.address(), believing(authority.pem()))};
  ask(link, "www.test.", wish());
  auto peer = accepted(server);
  for (const size_t piece : {1, 2, 7, 1000}) { // a record each
    const octets reply = good(query_on(*peer));
    const octets framed = dns::test::be16(static_cast<unsigned>(reply.size())) + reply;
    for (size_t at = 0; at < framed.size(); at += piece)
      peer->send_raw({framed.begin() + static_cast<ptrdiff_t>(at),
                      framed.begin() + static_cast<ptrdiff_t>(std::min(at + piece, framed.size()))});
    EXPECT_TRUE(result().reply) << piece;
    ask(link, "www.test.", wish());
  }
}

TEST_F(tls_exchange, believes_certificates_by_the_rules_of_go) {
  scripted_authority other;
  const long hour = 3600;
  const struct {
    const char* names;  ///< in the certificate
    const char* wanted; ///< whom we expect
    std::string outcome;
    long from = -hour, to = hour;
    bool known = true; ///< its authority
  } rows[] = {
    {"IP:127.0.0.1", "127.0.0.1", "answered"},
    {"DNS:dns.example", "dns.example", "answered"},
    {"DNS:dns.example", "DNS.Example.", "answered"},
    {"DNS:*.example.org", "dns.example.org", "answered"},
    {"DNS:a.test,DNS:b.test", "b.test", "answered"},
    {"DNS:dns.example", "127.0.0.1",
     failed + "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"},
    {"IP:192.0.2.1,IP:2001:db8::1", "127.0.0.1",
     failed + "certificate is valid for 192.0.2.1, 2001:db8::1, not 127.0.0.1"},
    {"DNS:a.test,DNS:b.test", "c.test", failed + "certificate is valid for a.test, b.test, not c.test"},
    {"IP:127.0.0.1", "dns.example", failed + "certificate is not valid for any names, but wanted to match dns.example"},
    {"DNS:127.0.0.1", "127.0.0.1",
     failed + "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"},
    {"DNS:*.example.org", "a.b.example.org", failed + "certificate is valid for *.example.org, not a.b.example.org"},
    {"DNS:d*.example.org", "dns.example.org", failed + "certificate is valid for d*.example.org, not dns.example.org"},
    {"DNS:scripted.example", "scripted server",
     failed + "certificate is valid for scripted.example, not scripted server"}, // its common name
    {"IP:127.0.0.1", "127.0.0.1", failed + "certificate signed by unknown authority", -hour, hour, false},
    {"IP:127.0.0.1", "127.0.0.1", failed + "certificate has expired or is not yet valid: current time T is after T",
     -2 * hour, -hour},
    {"IP:127.0.0.1", "127.0.0.1", failed + "certificate has expired or is not yet valid: current time T is before T",
     hour, 2 * hour},
    {"DNS:a.test", "127.0.0.1", failed + "certificate has expired or is not yet valid: current time T is after T",
     -2 * hour, -hour, false}, // as many faults as there can be: Go says this one
  };
  for (const auto& row : rows) {
    tls_server server{authority.issue(row.names, row.from, row.to)};
    const auto client = believing(row.known ? authority.pem() : other.pem());
    const auto said = outcome_with(server, by_tls(server.address(), client, row.wanted));
    EXPECT_EQ(std::regex_replace(said, std::regex{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"}, "T"), row.outcome)
      << row.names << " for " << row.wanted;
  }
}

TEST_F(tls_exchange, takes_what_is_trusted_for_the_end_of_a_chain) {
  const scripted_identity identity = authority.issue("IP:127.0.0.1");
  tls_server server{identity};
  EXPECT_EQ(outcome_with(server, by_tls(server.address(), believing(identity.certificate))), "answered");
}

TEST_F(tls_exchange, shows_a_certificate_where_one_is_wanted) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls_server_rules rules;
    rules.newest = version;
    rules.client_authority = authority.pem();
    tls_server server{authority.issue("IP:127.0.0.1"), rules};
    const auto identity = authority.issue("DNS:client.test");
    EXPECT_EQ(outcome_with(server, by_tls(server.address(), believing(authority.pem(), identity))), "answered");
  }
  tls_server_rules rules;
  rules.newest = TLS1_2_VERSION;
  rules.client_authority = authority.pem();
  tls_server server{authority.issue("IP:127.0.0.1"), rules};
  EXPECT_EQ(outcome_with(server, by_tls(server.address(), believing(authority.pem()))),
            "remote error: tls: handshake failure");
  rules.newest = TLS1_3_VERSION; // the client hears of it when its handshake is over: a connection that ended
  tls_server late{authority.issue("IP:127.0.0.1"), rules};
  EXPECT_EQ(outcome_with(late, by_tls(late.address(), believing(authority.pem())), 3),
            "remote error: tls: certificate required");
}

TEST_F(tls_exchange, speaks_no_version_before_1_2) {
  tls_server_rules rules;
  rules.newest = TLS1_1_VERSION;
  rules.ciphers = "ALL:@SECLEVEL=0";
  tls_server server{authority.issue("IP:127.0.0.1"), rules};
  EXPECT_EQ(outcome_with(server, by_tls(server.address(), believing(authority.pem()))),
            "remote error: tls: protocol version not supported");
}

TEST_F(tls_exchange, goes_on_with_sessions) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls_server_rules rules;
    rules.newest = version;
    tls_server server{authority.issue("IP:127.0.0.1"), rules};
    const auto client = believing(authority.pem());
    const auto options = by_tls(server.address(), client);
    for (int round = 0; round < 2; ++round) { // another link of the same upstream goes on with them
      upstream_link link{home, options};
      EXPECT_EQ(resumes(link, server), round == 1) << version;
      EXPECT_TRUE(resumes(link, server)) << version;
      EXPECT_TRUE(resumes(link, server)) << version;
    }
    upstream_link link{home, options};
    client->change(believing(authority.pem())->context());
    EXPECT_FALSE(resumes(link, server)) << "what is believed has changed";
    EXPECT_TRUE(resumes(link, server));
    upstream_link stranger{home, by_tls(server.address(), client)};
    EXPECT_FALSE(resumes(stranger, server)) << "another upstream has sessions of its own";
  }
}

TEST_F(tls_exchange, gives_a_handshake_a_time_of_its_own) {
  tls_server server{authority.issue("IP:127.0.0.1")};
  auto options = by_tls(server.address(), believing(authority.pem()));
  options.read_timeout = 100ms;
  options.edns = std::make_shared<upstream_edns>();
  upstream_link link{home, options};
  ask(link, "slow.test.", wish());
  auto peer = accepted(server);
  pass(1900ms);
  EXPECT_FALSE(all_done());
  const seen q = query_on(*peer); // now the server does its part
  pass(40ms);
  EXPECT_FALSE(all_done()) << "the attempt's time begins behind the handshake";
  peer->send(good(q));
  EXPECT_TRUE(result().reply);

  upstream_link silent{home, options};
  ask(silent, "silent.test.", wish());
  auto mute = accepted(server);
  settle();
  pass(2s);
  EXPECT_EQ(result().failure, exchange_failure::timed_out);
  EXPECT_EQ(result().error, "dial tcp " + server.address().to_text() + ": TLS handshake: i/o timeout");
}

TEST_F(tls_exchange, waits_for_a_handshake_without_turning) {
  tls_server server{authority.issue("IP:127.0.0.1")};
  upstream_link link{home, by_tls(server.address(), believing(authority.pem()))};
  ask(link, "www.test.", wish());
  auto peer = accepted(server);
  settle();
  size_t handlers = 0;
  for (int i = 0; i < 10; ++i)
    handlers += home.io().poll();
  EXPECT_LE(handlers, 1u) << "a socket that is writable all the time is not waited for";
  peer->send(good(query_on(*peer)));
  EXPECT_TRUE(result().reply);
}

/// What servers say before and instead of TLS. All ends, with words, and holds nothing.
TEST_F(tls_exchange, bears_hostile_servers) {
  const std::string none = "tls: first record does not look like a TLS handshake";
  const octets hello = dns::test::hex("16 0303 0031 02 00002d 0303");
  octets endless = dns::test::hex("16 0303 4000 0b ffffff"); // a certificate of 16 MB
  endless.resize(5 + 0x4000);
  octets warnings, empty;
  for (int i = 0; i < 100; ++i) {
    warnings = warnings + dns::test::hex("15 0303 0002 01 5a"); // user_canceled
    empty = empty + dns::test::hex("16 0303 0000");
  }
  const struct {
    const char* what;
    octets said;
    std::string error; ///< as it begins; empty: any, of TLS
    bool closes = false;
  } rows[] = {
    {"http", octets{'H', 'T', 'T', 'P', '/', '1', '.', '1', ' ', '4', '0', '0', '\r', '\n'}, none},
    {"zeros", octets(100), none},
    {"octets of ones", octets(20000, 0xff), none},
    {"a DNS message with its length", dns::test::hex("000c 0001 8180 0000 0000 0000 0000"), none},
    {"SSL 2", dns::test::hex("802e 0100 0200 1500 0000 10"), none},
    {"a whole handshake that says nothing", hello + octets(47), ""},
    {"a certificate without end", endless, ""},
    {"warnings without end", warnings, ""},
    {"empty records", empty, ""},
    {"an alert", dns::test::hex("15 0303 0002 02 28"), "remote error: tls: handshake failure"},
    {"an alert that is none", dns::test::hex("15 0303 0002 02 fa"), "remote error: tls: alert(250)"},
    {"data before the handshake", dns::test::hex("17 0303 0001 00"), ""},
    {"the end", {}, "EOF", true},
    {"half a record and the end", dns::test::hex("16 0303 0031 02"), "EOF", true},
  };
  const auto client = believing(authority.pem());
  for (const auto& row : rows) {
    tcp_upstream server;
    upstream_link link{home, by_tls(server.address(), client)};
    const size_t descriptors = open_descriptors();
    results.clear();
    ask(link, "www.test.", wish());
    std::vector<std::unique_ptr<tcp_peer>> peers;
    EXPECT_TRUE(until([&] {
      if (auto peer = server.accept()) {
        peer->send_raw(row.said);
        if (row.closes)
          peer->close();
        peers.push_back(std::move(peer));
      }
      return all_done();
    }))
      << row.what;
    ASSERT_TRUE(all_done()) << row.what;
    const auto& r = *results.back();
    EXPECT_FALSE(r.reply) << row.what;
    EXPECT_EQ(r.error.substr(0, row.error.size()), row.error) << row.what;
    EXPECT_NE(r.error.find(row.closes ? "EOF" : "tls: "), std::string::npos) << row.what << ": " << r.error;
    EXPECT_LE(peers.size(), 3u) << row.what;
    peers.clear();
    settle();
    EXPECT_EQ(open_descriptors(), descriptors) << row.what;
  }
}

TEST_F(tls_exchange, bears_what_goes_wrong_behind_the_handshake) {
  const struct {
    const char* what;
    void (*act)(tls_server::peer&);
    int version;
  } rows[] = {
    {"garbage between records", [](tls_server::peer& p) { p.send_beside_tls(octets(100, 0x17)); }, TLS1_3_VERSION},
    {"a record that was forged",
     [](tls_server::peer& p) { p.send_beside_tls(dns::test::hex("17 0303 0014") + octets(20)); }, TLS1_2_VERSION},
    {"empty records in the clear",
     [](tls_server::peer& p) {
       for (int i = 0; i < 100; ++i)
         p.send_beside_tls(dns::test::hex("17 0303 0000"));
     },
     TLS1_3_VERSION},
    {"another handshake",
     [](tls_server::peer& p) {
       SSL_renegotiate(p.ssl());
       SSL_do_handshake(p.ssl());
       p.say_goodbye();
     },
     TLS1_2_VERSION},
    {"keys without end",
     [](tls_server::peer& p) {
       for (int i = 0; i < 100; ++i) {
         SSL_key_update(p.ssl(), SSL_KEY_UPDATE_REQUESTED);
         SSL_do_handshake(p.ssl());
       }
     },
     TLS1_3_VERSION},
    {"goodbye", [](tls_server::peer& p) { p.say_goodbye(); }, TLS1_3_VERSION},
    {"a message shorter than a header", [](tls_server::peer& p) { p.send(octets(3)); }, TLS1_3_VERSION},
  };
  for (const auto& row : rows) {
    tls_server_rules rules;
    rules.newest = row.version;
    tls_server server{authority.issue("IP:127.0.0.1"), rules};
    upstream_link link{home, by_tls(server.address(), believing(authority.pem()))};
    results.clear();
    ask(link, "www.test.", wish());
    std::vector<std::unique_ptr<tls_server::peer>> peers;
    EXPECT_TRUE(until([&] {
      if (auto peer = server.accept())
        peers.push_back(std::move(peer));
      for (auto& peer : peers)
        if (peer->receive())
          row.act(*peer);
      time.advance(5ms); // what bears it all ends when the attempt's time is over
      return all_done();
    }))
      << row.what;
    EXPECT_FALSE(results.back()->reply) << row.what;
    EXPECT_FALSE(results.back()->error.empty()) << row.what;
    EXPECT_LE(peers.size(), 3u) << row.what << ": two more connections at most";
  }
}

TEST_F(tls_exchange, says_what_is_wrong_with_its_own_material) {
  const auto identity = authority.issue("DNS:a.test"), another = authority.issue("DNS:a.test");
  const auto wrong = [](const tls_material& material) {
    const auto made = tls_context::for_clients(material);
    const auto* const text = std::get_if<std::string>(&made);
    return text ? *text : "good";
  };
  EXPECT_EQ(wrong({}), "good");
  EXPECT_EQ(wrong({identity.certificate, identity.key, {}}), "good");
  EXPECT_EQ(wrong({identity.certificate + authority.pem(), identity.key, authority.pem()}), "good");
  EXPECT_NE(wrong({identity.certificate, another.key, {}}), "good");
  EXPECT_NE(wrong({identity.certificate, "", {}}), "good");
  EXPECT_EQ(wrong({{}, {}, "nothing"}), "could not read root certs: there is no certificate in the file");
}
