// SPDX-License-Identifier: Apache-2.0
#include "config/tls_files.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <vector>

namespace troupe::config {

namespace {

template <auto release>
struct tls_releasing {
  template <class T>
  void operator()(T* object) const noexcept {
    release(object);
  }
};
using tls_bio = std::unique_ptr<BIO, tls_releasing<BIO_free>>;
using tls_certificate = std::unique_ptr<X509, tls_releasing<X509_free>>;
using tls_key = std::unique_ptr<EVP_PKEY, tls_releasing<EVP_PKEY_free>>;

constexpr size_t max_pem_blocks = 10'000; ///< of one file; a bundle of all authorities has some 150

tls_bio bio_on(const std::string& text) {
  return tls_bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

/// The types of the blocks of a PEM text: `CERTIFICATE`. Those that are broken are passed over.
std::vector<std::string> block_types(const std::string& text) {
  std::vector<std::string> types;
  const tls_bio in = bio_on(text);
  while (types.size() < max_pem_blocks) {
    char *name = nullptr, *header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    const size_t before = BIO_ctrl_pending(in.get());
    if (PEM_read_bio(in.get(), &name, &header, &data, &size) == 1)
      types.emplace_back(name);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<size_t>(size));
    if (BIO_ctrl_pending(in.get()) == before)
      break;
  }
  ERR_clear_error();
  return types;
}

bool is_key(const std::string& type) {
  return type == "PRIVATE KEY" || type.ends_with(" PRIVATE KEY");
}

std::string in_brackets(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words)
    all += (all.empty() ? "" : " ") + word;
  return '[' + all + ']';
}

/// Empty, or what is wrong. The words are Go's.
std::string wrong_certificate(const std::string& text) {
  const auto types = block_types(text);
  for (const auto& type : types)
    if (type == "CERTIFICATE")
      return {};
  if (types.empty())
    return "tls: failed to find any PEM data in certificate input";
  if (types.size() == 1 && types[0].ends_with("PRIVATE KEY"))
    return "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may "
           "have been switched";
  return "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the "
         "following "
         "types: " +
         in_brackets(types);
}

std::string wrong_key(const std::string& text) {
  const auto types = block_types(text);
  for (const auto& type : types)
    if (is_key(type))
      return {};
  if (types.empty())
    return "tls: failed to find any PEM data in key input";
  if (types.size() == 1 && types[0] == "CERTIFICATE")
    return "tls: found a certificate rather than a key in the PEM for the private key";
  return "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks of "
         "the following types: " +
         in_brackets(types);
}

int no_passphrase(char*, int, int, void*) {
  return -1;
}

std::string wrong_pair(const tls_texts& texts) {
  if (std::string wrong = wrong_certificate(texts.certificate); !wrong.empty())
    return wrong;
  if (std::string wrong = wrong_key(texts.key); !wrong.empty())
    return wrong;
  const tls_bio shown = bio_on(texts.certificate), secret = bio_on(texts.key);
  const tls_certificate certificate{PEM_read_bio_X509(shown.get(), nullptr, no_passphrase, nullptr)};
  if (!certificate)
    return "x509: malformed certificate";
  const tls_key key{PEM_read_bio_PrivateKey(secret.get(), nullptr, no_passphrase, nullptr)};
  if (!key)
    return "tls: failed to parse private key";
  const EVP_PKEY* const its = X509_get0_pubkey(certificate.get());
  if (!its)
    return "tls: unknown public key algorithm";
  if (EVP_PKEY_get_base_id(its) != EVP_PKEY_get_base_id(key.get()))
    return "tls: private key type does not match public key type";
  return EVP_PKEY_eq(its, key.get()) == 1 ? "" : "tls: private key does not match public key";
}

bool has_certificate(const std::string& text) {
  const tls_bio in = bio_on(text);
  STACK_OF(X509_INFO)* const all = PEM_X509_INFO_read_bio(in.get(), nullptr, no_passphrase, nullptr);
  bool found = false;
  for (int i = 0; i < sk_X509_INFO_num(all); ++i)
    found |= sk_X509_INFO_value(all, i)->x509 != nullptr;
  sk_X509_INFO_pop_free(all, X509_INFO_free);
  return found;
}

/// Empty, or why not.
std::string read_into(std::string& out, const std::string& path, const environment& env) {
  if (path.empty())
    return {};
  auto content = env.read(path);
  if (auto* bad = std::get_if<environment::unreadable>(&content))
    return "open " + path + ": " + bad->reason;
  out = std::get<std::string>(std::move(content));
  return {};
}

} // namespace

std::variant<tls_texts, std::string> read_tls_files(const tls_files& files, const environment& env) {
  tls_texts texts;
  for (const auto member : {&tls_files::certificate, &tls_files::key})
    if (std::string wrong = read_into(texts.*member, files.*member, env); !wrong.empty())
      return "could not load TLS cert: " + wrong;
  if (!files.certificate.empty()) {
    std::string wrong = wrong_pair(texts);
    ERR_clear_error();
    if (!wrong.empty())
      return "could not load TLS cert: " + wrong;
  }
  if (files.authority.empty())
    return texts;
  if (std::string wrong = read_into(texts.authority, files.authority, env); !wrong.empty())
    return "error reading " + files.authority + ": " + wrong;
  const bool good = has_certificate(texts.authority);
  ERR_clear_error();
  if (!good)
    return "could not read root certs: there is no certificate in " + files.authority;
  return texts;
}

} // namespace troupe::config
