// SPDX-License-Identifier: Apache-2.0
#include "config/tls_files.hpp"
#include "tests/config/support.hpp"
#include "tests/support/scripted_api_tls.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::config;

namespace {

struct tls_case {
  const char* words; ///< behind `tls`
  std::string wrong; ///< empty: nothing
};

} // namespace

TEST(tls_files, are_refused_in_the_words_of_coredns) {
  const troupe::test::scripted_authority authority;
  const auto one = authority.issue("DNS:a.test"), other = authority.issue("DNS:a.test");
  const std::string rsa = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  config::test::machine m;
  m.files = {{"ca", authority.pem()},
             {"cert", one.certificate},
             {"chain", "words in front\n" + one.certificate + authority.pem()},
             {"key", one.key},
             {"other", other.key},
             {"both", one.key + one.certificate},
             {"parameters", "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + one.key},
             {"broken", rsa},
             {"list", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"},
             {"cut", one.certificate.substr(0, 100)},
             {"nothing", "nothing\n"},
             {"empty", ""}};
  const std::string load = "could not load TLS cert: ",
                    roots = "could not read root certs: there is no certificate in ";
  const tls_case cases[] = {
    {"", ""},
    {"ca", ""},
    {"cert key", ""},
    {"chain parameters ca", ""},
    {"both both chain", ""},
    {"nowhere", "error reading nowhere: open nowhere: no such file or directory"},
    {"nothing", roots + "nothing"},
    {"empty", roots + "empty"},
    {"key", roots + "key"},
    {"cut", roots + "cut"},
    {"nowhere key", load + "open nowhere: no such file or directory"},
    {"cert nowhere ca", load + "open nowhere: no such file or directory"},
    {"nothing key", load + "tls: failed to find any PEM data in certificate input"},
    {"cert nothing", load + "tls: failed to find any PEM data in key input"},
    {"key cert", load +
                   "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM "
                   "inputs may have been switched"},
    {"cert cert", load + "tls: found a certificate rather than a key in the PEM for the private key"},
    {"list key", load +
                   "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of "
                   "the following types: [X509 CRL]"},
    {"cert list", load +
                    "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping "
                    "PEM blocks of the following types: [X509 CRL]"},
    {"cert broken", load + "tls: failed to parse private key"},
    {"cert other", load + "tls: private key does not match public key"},
    {"cert key nothing", roots + "nothing"},
  };
  for (const auto& c : cases) {
    const auto made = config::test::planned(". {\nforward . tls://::1 {\ntls " + std::string{c.words} + "\n}\n}\n", m);
    EXPECT_EQ(made.error ? made.error->text() : "",
              c.wrong.empty() ? "" : "plugin/forward: /etc/coredns/Corefile:3 - Error during parsing: " + c.wrong)
      << c.words;
    if (!made.plan)
      continue;
    const auto& f = made.plan->blocks[0].forward[0];
    EXPECT_EQ(f.tls_content.certificate.empty(), f.tls.certificate.empty()) << c.words;
    EXPECT_EQ(f.tls_content.authority.empty(), f.tls.authority.empty()) << c.words;
  }
}

TEST(tls_files, are_looked_for_below_root) {
  const troupe::test::scripted_authority authority;
  config::test::machine m;
  m.files = {{"/certificates/ca", authority.pem()}};
  const auto made =
    config::test::planned(". {\nroot /certificates\nforward . tls://::1 {\ntls ca\n}\nforward a tls://::1 {\ntls "
                          "/certificates/ca\n}\n}\n",
                          m);
  ASSERT_TRUE(made.plan) << made.error->text();
  const auto& all = made.plan->blocks[0].forward;
  EXPECT_EQ(all[0].tls.authority, "/certificates/ca");
  EXPECT_EQ(all[1].tls, all[0].tls);
}
