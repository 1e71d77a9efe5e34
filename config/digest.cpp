// SPDX-License-Identifier: Apache-2.0
#include "config/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <map>
#include <new>
#include <string_view>
#include <utility>

namespace troupe::config {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

class sha512 {
public:
  sha512() {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha512(), nullptr) != 1)
      throw std::bad_alloc{};
  }

  void add(std::string_view text) { EVP_DigestUpdate(context_.get(), text.data(), text.size()); }

  std::string hex() {
    unsigned char octets[EVP_MAX_MD_SIZE];
    unsigned count = 0;
    EVP_DigestFinal_ex(context_.get(), octets, &count);
    std::string text;
    for (unsigned i = 0; i < count; ++i) {
      text += hex_digits[octets[i] >> 4];
      text += hex_digits[octets[i] & 15];
    }
    return text;
  }

private:
  struct end {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  std::unique_ptr<EVP_MD_CTX, end> context_{EVP_MD_CTX_new()};
};

/// Octets of the character at the front, 0 if it is no valid UTF-8.
size_t character_at(std::string_view text) {
  const auto octet = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = octet(0), second = octet(1);
  const size_t octets = first < 0x80                     ? 1
                        : first >= 0xC2 && first <= 0xDF ? 2
                        : (first & 0xF0) == 0xE0         ? 3
                        : first >= 0xF0 && first <= 0xF4 ? 4
                                                         : 0;
  for (size_t i = 1; i < octets; ++i)
    if ((octet(i) & 0xC0) != 0x80)
      return 0;
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool beyond = (first == 0xED && second >= 0xA0) || (first == 0xF4 && second >= 0x90);
  return overlong || beyond ? 0 : octets;
}

/// As Go's encoding/json writes one character, which keeps clear of what HTML and JavaScript take for something else.
std::string json_character(std::string_view one) {
  constexpr std::string_view plain = "\"\\\b\f\n\r\t", escaped = "\"\\bfnrt";
  if (const auto at = plain.find(one); at != plain.npos)
    return {'\\', escaped[at]};
  const auto octet = static_cast<unsigned char>(one.front());
  if (octet < 0x20 || one == "<" || one == ">" || one == "&")
    return {'\\', 'u', '0', '0', hex_digits[octet >> 4], hex_digits[octet & 15]};
  if (one == "\u2028" || one == "\u2029")
    return one == "\u2028" ? "\\u2028" : "\\u2029";
  return std::string{one};
}

std::string json(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t octets = character_at(text);
    out += octets == 0 ? "\\ufffd" : json_character(text.substr(0, octets));
    text.remove_prefix(std::max<size_t>(octets, 1));
  }
  return out + '"';
}

/// Adds what stands between two of a list.
class commas {
public:
  explicit commas(sha512& sum) : sum_(sum) {}
  void next() {
    if (std::exchange(any_, true))
      sum_.add(",");
  }

private:
  sha512& sum_;
  bool any_ = false;
};

void add_words(sha512& sum, const std::vector<const directive_use*>& uses, const std::string& file) {
  commas between{sum};
  for (const auto* use : uses)
    for (const auto& word : use->words) {
      between.next();
      const auto at = word.at();
      sum.add("{\"File\":" + json(at.file == file ? "" : at.file) + ",\"Line\":" + std::to_string(at.line) +
              ",\"Text\":" + json(word.text) + "}");
    }
}

void add_block(sha512& sum, const raw_block& block, const std::string& file) {
  sum.add("{\"Keys\":[");
  commas between_keys{sum};
  for (const auto& key : block.keys) {
    between_keys.next();
    sum.add(json(key.text));
  }
  sum.add("],\"Tokens\":{");
  std::map<std::string, std::vector<const directive_use*>> by_name;
  for (const auto& use : block.directives)
    by_name[use.name].push_back(&use);
  commas between_names{sum};
  for (const auto& [name, uses] : by_name) {
    between_names.next();
    sum.add(json(name) + ":[");
    add_words(sum, uses, file);
    sum.add("]");
  }
  sum.add("}}");
}

} // namespace

std::string digest_of(const std::vector<raw_block>& blocks, const std::string& file) {
  sha512 sum;
  sum.add("[");
  commas between{sum};
  for (const auto& block : blocks) {
    between.next();
    add_block(sum, block, file);
  }
  sum.add("]");
  return sum.hex();
}

bool has_digest(const std::string& digest, const std::string& file, const std::string& text, const environment& env) {
  const auto parsed = parse(file, text, env);
  return !parsed.error && !parsed.blocks.empty() && digest_of(parsed.blocks, file) == digest;
}

} // namespace troupe::config
