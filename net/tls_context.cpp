// SPDX-License-Identifier: Apache-2.0
#include "net/tls_context.hpp"

#include "net/tls_opener.hpp"
#include "net/tls_verify.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>

namespace troupe::net {

namespace {

/// Of what a peer may send as its chain. OpenSSL's own bound, named since an endless chain is a way to fill memory.
constexpr long max_chain_octets = 100 * 1024;
constexpr int max_chain_depth = 10; ///< certificates between the peer's and one that is trusted

/// As little as Go takes: RSA of 1024 bits, no signatures with SHA-1.
constexpr int security_level = 1;

template <auto release>
struct releasing {
  template <class T>
  void operator()(T* object) const noexcept {
    release(object);
  }
};
using bio_ptr = std::unique_ptr<BIO, releasing<BIO_free>>;
using x509_ptr = std::unique_ptr<X509, releasing<X509_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, releasing<EVP_PKEY_free>>;

bio_ptr bio_on(const std::string& text) {
  return bio_ptr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

/// No key is read from a terminal: one that needs a passphrase is none.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

/// How many certificates there are; what is none is passed over, as in Go. (OpenSSL's own reader of files tries all
/// formats that it knows and takes ten times as long.)
size_t add_certificates(X509_STORE* to, BIO* pem) {
  size_t count = 0;
  STACK_OF(X509_INFO)* const all = PEM_X509_INFO_read_bio(pem, nullptr, no_passphrase, nullptr);
  for (int i = 0; i < sk_X509_INFO_num(all); ++i)
    if (X509* const one = sk_X509_INFO_value(all, i)->x509; one && X509_STORE_add_cert(to, one) == 1)
      ++count;
  sk_X509_INFO_pop_free(all, X509_INFO_free);
  ERR_clear_error();
  return count;
}

/// False if it cannot be opened.
bool add_file(X509_STORE* to, const std::string& path) {
  const bio_ptr in{BIO_new_file(path.c_str(), "r")};
  if (in)
    add_certificates(to, in.get());
  ERR_clear_error();
  return in != nullptr;
}

/// Links within the folder are OpenSSL's other names of the same certificates.
void add_folder(X509_STORE* to, const std::string& path) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator{path, failed}) {
    const bool twin = entry.is_symlink(failed) && !std::filesystem::read_symlink(entry, failed).has_parent_path();
    if (!twin && entry.is_regular_file(failed))
      add_file(to, entry.path().string());
  }
}

/// Where Go looks, and with it CoreDNS, so that what an image has for one is there for the other: the first of the
/// files, and all folders; SSL_CERT_FILE and SSL_CERT_DIR instead of either.
X509_STORE* read_system_roots() {
  constexpr const char* files[] = {"/etc/ssl/certs/ca-certificates.crt",
                                   "/etc/pki/tls/certs/ca-bundle.crt",
                                   "/etc/ssl/ca-bundle.pem",
                                   "/etc/pki/tls/cacert.pem",
                                   "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                   "/etc/ssl/cert.pem"};
  X509_STORE* const roots = X509_STORE_new();
  if (const char* const file = std::getenv("SSL_CERT_FILE"); file && *file)
    add_file(roots, file);
  else
    std::any_of(std::begin(files), std::end(files), [&](const char* each) { return add_file(roots, each); });
  const char* const folders = std::getenv("SSL_CERT_DIR");
  if (folders && *folders) {
    const std::string all = std::string{folders} + ':';
    for (size_t from = 0, end; (end = all.find(':', from)) != all.npos; from = end + 1)
      add_folder(roots, all.substr(from, end - from));
  } else {
    add_folder(roots, "/etc/ssl/certs");
    add_folder(roots, "/etc/pki/tls/certs");
  }
  return roots;
}

X509_STORE* system_roots() {
  static X509_STORE* const roots = read_system_roots();
  return roots;
}

/// Empty, or what is wrong.
std::string trust(SSL_CTX* context, const std::string& authority) {
  if (authority.empty()) {
    SSL_CTX_set1_cert_store(context, system_roots());
    return {};
  }
  if (add_certificates(SSL_CTX_get_cert_store(context), bio_on(authority).get()) == 0)
    return "could not read root certs: there is no certificate in the file";
  return {};
}

std::string show(SSL_CTX* context, const tls_material& material) {
  const bio_ptr chain = bio_on(material.certificate), secret = bio_on(material.key);
  const x509_ptr own{PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr)};
  const key_ptr key{PEM_read_bio_PrivateKey(secret.get(), nullptr, no_passphrase, nullptr)};
  bool good = own && key && SSL_CTX_use_certificate(context, own.get()) == 1;
  while (good) {
    const x509_ptr next{PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr)};
    if (!next)
      break;
    good = SSL_CTX_add1_chain_cert(context, next.get()) == 1;
  }
  good = good && SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1;
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  const std::string text = good ? "" : std::string{"could not load TLS cert: tls: "} + (reason ? reason : "no good");
  ERR_clear_error();
  return text;
}

} // namespace

std::variant<std::shared_ptr<const tls_context>, std::string> tls_context::for_clients(const tls_material& material) {
  std::shared_ptr<tls_context> made{new tls_context{SSL_CTX_new(TLS_client_method())}};
  SSL_CTX* const context = made->native();
  if (!context)
    return "tls: no memory";
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_security_level(context, security_level);
  // A peer that asks for another handshake on an open connection asks for work, and nobody needs it.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_max_cert_list(context, max_chain_octets);
  SSL_CTX_set_verify_depth(context, max_chain_depth);
  // Sessions are kept by who connects, for its own peer only.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  keep_sessions(context);
  verify_peers(context);
  if (std::string wrong = trust(context, material.authority); !wrong.empty())
    return wrong;
  if (!material.certificate.empty())
    if (std::string wrong = show(context, material); !wrong.empty())
      return wrong;
  return std::shared_ptr<const tls_context>{std::move(made)};
}

} // namespace troupe::net
