// SPDX-License-Identifier: Apache-2.0
#include "config/modernise.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

using namespace troupe::config;
using test::machine;

namespace {

std::string block(const std::string& inside) {
  return ".:53 {\n" + inside + "}\n";
}

machine surroundings() {
  machine m;
  m.variables = {{"ZONE", "a.example"}, {"WAY", "proxy"}};
  m.files = {{"/etc/resolv.conf", "nameserver 192.0.2.53\n"},
             {"/etc/coredns/zone", "@ SOA a a 1 2 3 4 5\n@ NS a\n"},
             {"/etc/coredns/old", "proxy . 192.0.2.1\n"}};
  return m;
}

/// The modern text, or the error.
std::string modern(const std::string& text) {
  const machine m = surroundings();
  auto made = migrated("/etc/coredns/Corefile", text, m.env());
  if (auto* bad = std::get_if<parse_error>(&made))
    return bad->text();
  return std::get<modern_corefile>(made).text;
}

/// What is told of it, a line each, with the name of the file's folder taken off.
std::string notices(const std::string& text) {
  const machine m = surroundings();
  auto made = migrated("/etc/coredns/Corefile", text, m.env());
  std::string out;
  if (auto* good = std::get_if<modern_corefile>(&made))
    for (const auto& notice : good->notices)
      out += notice.line().substr(13) + (notice.here ? "\n" : " (elsewhere)\n");
  return out;
}

struct row {
  const char *old, *now;
};

void check(std::initializer_list<row> rows) {
  for (const auto& r : rows) {
    EXPECT_EQ(modern(block(r.old)), block(r.now)) << r.old;
    EXPECT_EQ(modern(block(r.now)), block(r.now)) << "again: " << r.now;
    EXPECT_NE(notices(block(r.old)), "") << r.old;
    EXPECT_EQ(notices(block(r.now)), "") << r.now;
  }
}

} // namespace

TEST(modernise, proxy) {
  check({
    {"    proxy . /etc/resolv.conf\n", "    forward . /etc/resolv.conf\n"},
    {"\tproxy . 8.8.8.8:53 8.8.4.4 # both\n", "\tforward . 8.8.8.8:53 8.8.4.4 # both\n"},
    {"    \"proxy\" . \"8.8.8.8\"\n", "    forward . \"8.8.8.8\"\n"},
    {"    {$WAY} {$ZONE} 8.8.8.8\n", "    forward {$ZONE} 8.8.8.8\n"},
    {"    proxy . 1.1.1.1 {\n        fail_timeout 5s\n        max_fails 3\n        health_check /h:8080 4s\n"
     "        spray\n    }\n",
     "    forward . 1.1.1.1\n"},
    {"    proxy . 1.1.1.1 {\n        except a b\n        spray\n        policy round_robin\n    }\n",
     "    forward . 1.1.1.1 {\n        except a b\n        policy round_robin\n    }\n"},
    {"    proxy . 1.1.1.1 {\n        spray # why not\n    }\n", "    forward . 1.1.1.1 {\n        # why not\n    }\n"},
    {"    proxy . 1.1.1.1 { spray\n    }\n", "    forward . 1.1.1.1\n"},
    {"    proxy . 1.1.1.1 { spray\n        except a\n    }\n", "    forward . 1.1.1.1 {\n        except a\n    }\n"},
    {"    proxy . 1.1.1.1 {\n        policy least_conn\n    }\n", "    forward . 1.1.1.1\n"},
    {"    proxy . 1.1.1.1 {\n        policy first\n    }\n",
     "    forward . 1.1.1.1 {\n        policy sequential\n    }\n"},
    {"    proxy . 1.1.1.1 {\n        protocol dns\n    }\n", "    forward . 1.1.1.1\n"},
    {"    proxy . 1.1.1.1 {\n        protocol dns force_tcp\n    }\n",
     "    forward . 1.1.1.1 {\n        force_tcp\n    }\n"},
    {"    proxy . 1.1.1.1 {\n        protocol https_google 8.8.8.8\n    }\n", "    forward . 1.1.1.1\n"},
    {"    proxy . 1.1.1.1 {\n        protocol grpc insecure\n    }\n", "    grpc . 1.1.1.1\n"},
    {"    proxy . 1.1.1.1 {\n        protocol grpc ca.pem\n        except a\n    }\n",
     "    grpc . 1.1.1.1 {\n        tls ca.pem\n        except a\n    }\n"},
    {"    proxy . 1.1.1.1 {\r\n        spray\r\n        except a\r\n    }\r\n",
     "    forward . 1.1.1.1 {\r\n        except a\r\n    }\r\n"},
  });
}

/// `proxy` asked the longest zone whatever the order, and after each `forward`.
TEST(modernise, proxies_in_order) {
  check({
    {"    proxy a.example 1.1.1.1\n    proxy . 2.2.2.2\n", "    forward a.example 1.1.1.1\n    forward . 2.2.2.2\n"},
    {"    proxy . 2.2.2.2\n    errors\n    proxy a.example 1.1.1.1 {\n        spray\n        except b.a.example\n    "
     "}\n",
     "    forward a.example 1.1.1.1 {\n        except b.a.example\n    }\n    errors\n    forward . 2.2.2.2\n"},
    {"    proxy . 2.2.2.2\n    proxy example 3.3.3.3\n    proxy {$ZONE} 1.1.1.1\n    forward b.example 4.4.4.4\n",
     "    forward b.example 4.4.4.4\n    forward {$ZONE} 1.1.1.1\n    forward example 3.3.3.3\n    forward . "
     "2.2.2.2\n"},
  });
  EXPECT_EQ(notices(block("proxy . 2.2.2.2\nproxy a 1.1.1.1\n")),
            "Corefile:2: 'proxy' went with CoreDNS 1.5.0; read as \"forward . 2.2.2.2\"\n"
            "Corefile:3: 'proxy' went with CoreDNS 1.5.0; read as \"forward a 1.1.1.1\"\n"
            "Corefile:2: 'proxy' asked whoever has the longest zone, 'forward' whoever comes first; read behind "
            "\"forward a 1.1.1.1\"\n");
}

TEST(modernise, kubernetes) {
  check({
    {"    kubernetes a {\n        pods insecure\n        upstream /etc/resolv.conf\n        resyncperiod 5m\n    }\n"
     "    forward . 1.1.1.1\n",
     "    kubernetes a {\n        pods insecure\n    }\n    forward . 1.1.1.1\n"},
    {"    kubernetes a {\n        upstream\n    }\n    proxy . 1.1.1.1\n", "    kubernetes a\n    forward . 1.1.1.1\n"},
    {"    kubernetes a {\n        upstream\n        ttl 5\n    } # cluster\n    errors\n",
     "    kubernetes a {\n        ttl 5\n    } # cluster\n    forward . /etc/resolv.conf\n    errors\n"},
    {"  kubernetes a {\n    upstream {$ZONE} 8.8.8.8\n  }\n", "  kubernetes a\n  forward . {$ZONE} 8.8.8.8\n"},
    {"    kubernetes a {\n        endpoint http://a http://b\n    }\n",
     "    kubernetes a {\n        endpoint http://a\n    }\n"},
    {"    kubernetes a 10.in-addr.arpa {\n        transfer to 1.1.1.1 2.2.2.2\n        ttl 5\n"
     "        transfer to *\n    }\n",
     "    kubernetes a 10.in-addr.arpa {\n        ttl 5\n    }\n    transfer a {\n        to 1.1.1.1 2.2.2.2 *\n    "
     "}\n"},
    {"    kubernetes {\n        transfer to *\n    }\n", "    kubernetes\n    transfer {\n        to *\n    }\n"},
  });
}

TEST(modernise, other_directives) {
  check({
    {"\tfile zone a b {\n\t\ttransfer to *\n\t\tno_reload\n\t}\n",
     "\tfile zone a b {\n\t\treload 0\n\t}\n\ttransfer a b {\n\t\tto *\n\t}\n"},
    {"    auto a {\n        directory d (.*) {1} 30 # seconds\n        no_reload\n    }\n",
     "    auto a {\n        directory d (.*) {1} # seconds\n        reload 30s\n        reload 0\n    }\n"},
    {"    secondary a {\n        transfer from 1.1.1.1\n        transfer to 2.2.2.2\n    }\n",
     "    secondary a {\n        transfer from 1.1.1.1\n    }\n    transfer a {\n        to 2.2.2.2\n    }\n"},
    {"    header {\n        set ra\n        response clear aa\n        clear rd\n    }\n",
     "    header {\n        response set ra\n        response clear aa\n        response clear rd\n    }\n"},
    {"    startup /bin/true a\n    shutdown /bin/false\n", "    on startup /bin/true a\n    on shutdown /bin/false\n"},
    {"    federation a {\n        prod prod.example # P\n        stage stage.example\n    }\n    errors\n",
     "    errors\n"},
  });
}

TEST(modernise, leaves_alone_what_is_not_old) {
  for (const std::string same :
       {"", "# nothing\n", ".:53", "\xEF\xBB\xBF. {\n  errors # \"\n}", ". {\n\terrors\r\n\r\n}  ",
        ". {\n kubernetes a {\n endpoint http://a\n transfer\n transfer from 1.1.1.1\n }\n}\n",
        ". {\n forward . 1.1.1.1 {\n }\n template ANY ANY {\n upstream\n }\n file x {\n upstream\n }\n}\n",
        "(unused) {\n proxy . 1.1.1.1\n}\n. {\n errors\n}\n", ". {\n auto {\n directory d (.*) {1} x\n }\n}\n"})
    EXPECT_EQ(modern(same), same);
}

TEST(modernise, snippets_imports_and_a_mark_in_front) {
  EXPECT_EQ(modern("\xEF\xBB\xBF(all) {\n proxy . {$ZONE}\n import up\n}\na {\n import all\n}\n"
                   "b {\n import all\n}\n"),
            "/etc/coredns/Corefile:3 - Error during parsing: File to import not found: up");
  EXPECT_EQ(modern("\xEF\xBB\xBF(all) {\n proxy . {$ZONE}\n}\na {\n import all # x\n}\nb {\n import all\n}\n"),
            "\xEF\xBB\xBF(all) {\n forward . {$ZONE}\n}\na {\n import all # x\n}\nb {\n import all\n}\n");
  EXPECT_EQ(modern("(options) {\n upstream\n transfer to *\n ttl 5\n}\na {\n kubernetes a {\n  import options\n }\n"
                   " proxy . 1.1.1.1\n}\n"),
            "(options) {\n ttl 5\n}\na {\n kubernetes a {\n  import options\n }\n transfer a {\n     to *\n }\n"
            " forward . 1.1.1.1\n}\n");
  const std::string imports = "a {\n import old\n}\n";
  EXPECT_EQ(modern(imports), imports);
  EXPECT_EQ(notices(imports), "old:1: 'proxy' went with CoreDNS 1.5.0; read as \"forward . 192.0.2.1\" (elsewhere)\n");
  // One snippet for a block with `forward` and one without would have to be two.
  EXPECT_EQ(
    modern("(k) {\n kubernetes a {\n  upstream\n }\n}\na {\n import k\n}\nb {\n import k\n forward . 1.1.1.1\n}\n")
      .substr(0, 77),
    "/etc/coredns/Corefile:3 - Error during parsing: the modern Corefile cannot be");
}

TEST(modernise, says_what_is_old_once) {
  EXPECT_EQ(notices("(s) {\n proxy . 1.1.1.1 {\n  spray\n  protocol dns force_tcp\n }\n}\na {\n import s\n}\nb {\n"
                    " import s\n federation x {\n }\n}\n"),
            "Corefile:2: 'proxy' went with CoreDNS 1.5.0; read as \"forward . 1.1.1.1\"\n"
            "Corefile:3: 'spray' of 'proxy' went with CoreDNS 1.5.0; dropped: 'forward' asks somebody anyway when all "
            "are down\n"
            "Corefile:4: 'protocol' of 'proxy' went with CoreDNS 1.5.0; read as \"force_tcp\"\n"
            "Corefile:12: 'federation' went with CoreDNS 1.7.0; dropped: Kubernetes has no such federations any more, "
            "so their names do not exist\n");
  const std::string many = notices(block("proxy . " + std::string(3000, '1') + "\n"));
  EXPECT_LT(many.size(), 400u);
}

TEST(modernise, a_plan_runs_by_old_words_and_warns) {
  const machine m = surroundings();
  const auto old =
    test::planned(". {\n proxy a.example 192.0.2.2\n proxy . /etc/resolv.conf {\n  max_fails 1\n }\n}\n", m);
  ASSERT_TRUE(old.plan) << old.error->text();
  ASSERT_EQ(old.plan->blocks[0].forward.size(), 2u);
  const auto now = test::planned(". {\n forward a.example 192.0.2.2\n forward . /etc/resolv.conf\n}\n", m);
  for (size_t i = 0; i < 2; ++i)
    EXPECT_EQ(old.plan->blocks[0].forward[i].identity(), now.plan->blocks[0].forward[i].identity());
  ASSERT_EQ(old.plan->warnings.size(), 3u);
  EXPECT_EQ(old.plan->warnings[1],
            "/etc/coredns/Corefile:3: 'proxy' went with CoreDNS 1.5.0; read as \"forward . /etc/resolv.conf\"; troupe "
            "-conf /etc/coredns/Corefile -migrate prints the modern Corefile");
  EXPECT_TRUE(now.plan->warnings.empty());
}

TEST(modernise, what_old_versions_refused_is_refused) {
  const machine m = surroundings();
  const row rows[] = {
    {"proxy . 192.0.2.1 {\nprotocol ftp\n}",
     "plugin/forward: Corefile:3 - Error during parsing: unknown property 'protocol'"},
    {"proxy . 192.0.2.1 {\npolicy best\n}", "plugin/forward: Corefile:3 - Error during parsing: unknown policy 'best'"},
    {"kubernetes a {\ntransfer from x\n}",
     "plugin/kubernetes: Corefile:3 - Error during parsing: unknown property 'transfer'"},
    {"proxy . 192.0.2.1 {\nprotocol grpc insecure\n}",
     "Corefile:2 - Error during parsing: directive 'grpc' is known to CoreDNS but not built into Troupe yet"},
    {"reverse 10.0.0.0/8 {\n}", "Corefile:2 - Error during parsing: Unknown directive 'reverse'"},
  };
  for (const auto& r : rows)
    EXPECT_EQ(test::error_of(block(std::string{r.old} + "\n"), m), r.now) << r.old;
}
