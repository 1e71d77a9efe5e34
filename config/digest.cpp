// SPDX-License-Identifier: Apache-2.0
#include "config/digest.hpp"

#include <openssl/evp.h>

#include <new>

namespace troupe::config {

namespace {

class sha512 {
public:
  sha512() {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha512(), nullptr) != 1)
      throw std::bad_alloc{};
  }

  /// What comes in one call cannot be taken for the end of one and the front of the next.
  void add(char kind, const std::string& text) {
    const std::string head = kind + std::to_string(text.size()) + ':';
    EVP_DigestUpdate(context_.get(), head.data(), head.size());
    EVP_DigestUpdate(context_.get(), text.data(), text.size());
  }

  std::string hex() {
    unsigned char octets[EVP_MAX_MD_SIZE];
    unsigned count = 0;
    EVP_DigestFinal_ex(context_.get(), octets, &count);
    std::string text;
    for (unsigned i = 0; i < count; ++i) {
      text += "0123456789abcdef"[octets[i] >> 4];
      text += "0123456789abcdef"[octets[i] & 15];
    }
    return text;
  }

private:
  struct end {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  std::unique_ptr<EVP_MD_CTX, end> context_{EVP_MD_CTX_new()};
};

} // namespace

std::string digest_of(const std::vector<raw_block>& blocks) {
  sha512 sum;
  for (const auto& block : blocks) {
    sum.add('b', {});
    for (const auto& key : block.keys)
      sum.add('k', key.text);
    for (const auto& use : block.directives) {
      sum.add('d', use.name);
      for (size_t i = 1; i < use.words.size(); ++i)
        sum.add(use.words[i].starts_line ? 'l' : 'w', use.words[i].text);
    }
  }
  return sum.hex();
}

} // namespace troupe::config
