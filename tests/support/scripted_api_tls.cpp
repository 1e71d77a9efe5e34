// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scripted_api_tls.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace troupe::test {

struct scripted_authority::parts {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
};

namespace {

template <class Write>
std::string pem_of(Write write) {
  BIO* out = BIO_new(BIO_s_mem());
  write(out);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(out);
  return text;
}

void add(X509* to, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  X509_add_ext(to, extension, -1);
  X509_EXTENSION_free(extension);
}

void describe(X509* x, EVP_PKEY* key, const char* name, long serial, long from, long to) {
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
  X509_gmtime_adj(X509_getm_notBefore(x), from);
  X509_gmtime_adj(X509_getm_notAfter(x), to);
  X509_set_pubkey(x, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name),
                             -1, -1, 0);
}

} // namespace

scripted_authority::scripted_authority() : parts_(new parts) {
  describe(parts_->certificate, parts_->key, "scripted authority", 1, -7200, 7200);
  X509_set_issuer_name(parts_->certificate, X509_get_subject_name(parts_->certificate));
  add(parts_->certificate, parts_->certificate, NID_basic_constraints, "critical,CA:TRUE");
  add(parts_->certificate, parts_->certificate, NID_subject_key_identifier, "hash"); // others have the same name
  X509_sign(parts_->certificate, parts_->key, EVP_sha256());
  pem_ = pem_of([this](BIO* out) { PEM_write_bio_X509(out, parts_->certificate); });
}

scripted_authority::~scripted_authority() {
  X509_free(parts_->certificate);
  EVP_PKEY_free(parts_->key);
  delete parts_;
}

scripted_identity scripted_authority::issue(const std::string& subject_alternative_name, long from, long to) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* x = X509_new();
  describe(x, key, "scripted server", 2, from, to);
  X509_set_issuer_name(x, X509_get_subject_name(parts_->certificate));
  add(x, parts_->certificate, NID_subject_alt_name, subject_alternative_name.c_str());
  add(x, parts_->certificate, NID_authority_key_identifier, "keyid");
  X509_sign(x, parts_->key, EVP_sha256());
  scripted_identity identity{pem_of([&](BIO* out) { PEM_write_bio_X509(out, x); }), pem_of([&](BIO* out) {
                               PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
                             })};
  X509_free(x);
  EVP_PKEY_free(key);
  return identity;
}

} // namespace troupe::test
