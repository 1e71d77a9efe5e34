// SPDX-License-Identifier: Apache-2.0
#include "net/tls_verify.hpp"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include <ctime>

namespace troupe::net {

namespace {

constexpr int max_names_told = 100; ///< Go's own: beyond it the names are counted

bool is_address(const std::string& name) noexcept {
  in6_addr room;
  return ::inet_pton(AF_INET, name.c_str(), &room) == 1 || ::inet_pton(AF_INET6, name.c_str(), &room) == 1;
}

std::string text_of(std::time_t time) {
  char text[32];
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

std::string text_of(const ASN1_TIME* time) {
  std::tm utc{};
  return ASN1_TIME_to_tm(time, &utc) == 1 ? text_of(::timegm(&utc)) : "?";
}

/// Empty while the certificate is in its time.
std::string out_of_time(const X509* certificate) {
  const ASN1_TIME *from = X509_get0_notBefore(certificate), *to = X509_get0_notAfter(certificate);
  const bool early = X509_cmp_current_time(from) > 0;
  if (!early && X509_cmp_current_time(to) > 0)
    return {};
  return "certificate has expired or is not yet valid: current time " + text_of(std::time(nullptr)) +
         (early ? " is before " + text_of(from) : " is after " + text_of(to));
}

/// Octets that a peer chose go to a log: what is no visible ASCII becomes a question mark.
std::string printable(const ASN1_STRING* text) {
  std::string out{reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                  static_cast<size_t>(ASN1_STRING_length(text))};
  for (char& c : out)
    if (c <= ' ' || c > '~')
      c = '?';
  return out;
}

std::string address_text(const ASN1_STRING* octets) {
  char text[INET6_ADDRSTRLEN];
  const int length = ASN1_STRING_length(octets);
  const bool fits = length == 4 || length == 16;
  return fits && ::inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(octets), text, sizeof text) ? text
                                                                                                                 : "?";
}

struct alternative_names {
  std::string text; ///< with commas between them
  int count = 0;
};

alternative_names names_in(const X509* certificate, bool addresses) {
  alternative_names out;
  auto* const all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* const one = sk_GENERAL_NAME_value(all, i);
    if (one->type != (addresses ? GEN_IPADD : GEN_DNS))
      continue;
    if (++out.count < max_names_told)
      out.text +=
        (out.text.empty() ? "" : ", ") + (addresses ? address_text(one->d.iPAddress) : printable(one->d.dNSName));
  }
  GENERAL_NAMES_free(all);
  return out;
}

std::string wrong_name(const X509* certificate, const std::string& wanted) {
  const bool address = is_address(wanted);
  const alternative_names names = names_in(certificate, address);
  if (names.count >= max_names_told)
    return "certificate is valid for " + std::to_string(names.count) + (address ? " IP SANs" : " names") +
           ", but none matched " + wanted;
  if (names.count != 0)
    return "certificate is valid for " + names.text + ", not " + wanted;
  return address ? "cannot validate certificate for " + wanted + " because it doesn't contain any IP SANs"
                 : "certificate is not valid for any names, but wanted to match " + wanted;
}

std::string wrong_chain(int code) {
  switch (code) {
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_CERT_SIGNATURE_FAILURE:
  case X509_V_ERR_CERT_UNTRUSTED:
    return "certificate signed by unknown authority";
  case X509_V_ERR_INVALID_PURPOSE:
    return "certificate specifies an incompatible key usage";
  case X509_V_ERR_INVALID_CA:
    return "certificate is not authorized to sign other certificates";
  case X509_V_ERR_PATH_LENGTH_EXCEEDED:
  case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    return "too many intermediates for path length constraint";
  default:
    return X509_verify_cert_error_string(code);
  }
}

/// In the order in which Go looks: the certificate's own time, its name, the chain.
std::string reason_of(X509_STORE_CTX* looked_at, const std::string& wanted) {
  const X509* const own = X509_STORE_CTX_get0_cert(looked_at);
  if (std::string wrong = out_of_time(own); !wrong.empty())
    return wrong;
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(looked_at);
  const unsigned flags = X509_VERIFY_PARAM_get_hostflags(rules);
  auto* const asked = const_cast<X509*>(own);
  const bool fits = is_address(wanted) ? X509_check_ip_asc(asked, wanted.c_str(), 0) == 1
                                       : X509_check_host(asked, wanted.data(), wanted.size(), flags, nullptr) == 1;
  if (!fits)
    return wrong_name(own, wanted);
  const int code = X509_STORE_CTX_get_error(looked_at);
  if (const X509* const at = X509_STORE_CTX_get_current_cert(looked_at);
      at && (code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID))
    if (std::string wrong = out_of_time(at); !wrong.empty())
      return wrong;
  return wrong_chain(code);
}

int look_at(X509_STORE_CTX* chain, void*) {
  const int good = X509_verify_cert(chain);
  if (good == 1)
    return 1;
  const auto* const ssl =
    static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (auto* const whom = ssl ? expectation_of(ssl) : nullptr)
    whom->verdict = "tls: failed to verify certificate: x509: " + reason_of(chain, whom->name);
  return 0;
}

} // namespace

tls_expectation* expectation_of(const SSL* ssl) noexcept {
  return static_cast<tls_expectation*>(SSL_get_app_data(ssl));
}

void verify_peers(SSL_CTX* context) noexcept {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, look_at, nullptr);
  // As in Go whatever is trusted ends a chain, whether or not it has signed itself.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
}

bool expect_peer(SSL* ssl, tls_expectation& whom) noexcept {
  SSL_set_app_data(ssl, &whom);
  X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(whom.name))
    return X509_VERIFY_PARAM_set1_ip_asc(rules, whom.name.c_str()) == 1;
  return !whom.name.empty() && SSL_set_tlsext_host_name(ssl, whom.name.c_str()) == 1 &&
         X509_VERIFY_PARAM_set1_host(rules, whom.name.data(), whom.name.size()) == 1;
}

} // namespace troupe::net
