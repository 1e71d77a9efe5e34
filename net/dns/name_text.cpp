// SPDX-License-Identifier: Apache-2.0
#include "net/dns/name.hpp"

#include <cstring>

namespace troupe::dns {

namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Takes one octet off the front of `text`, resolving `\DDD` and `\X` (RFC 1035 section 5.1); -1 if an escape is
/// broken.
int take_octet(std::string_view& text) noexcept {
  const char first = text[0];
  text.remove_prefix(1);
  if (first != '\\')
    return static_cast<uint8_t>(first);
  if (text.empty())
    return -1;
  if (!is_digit(text[0])) {
    const char escaped = text[0];
    text.remove_prefix(1);
    return static_cast<uint8_t>(escaped);
  }
  if (text.size() < 3 || !is_digit(text[1]) || !is_digit(text[2]))
    return -1;
  const int value = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  text.remove_prefix(3);
  return value <= 255 ? value : -1;
}

/// Octets with a meaning in master files; the same set as CoreDNS's logs escape.
bool is_special(uint8_t octet) noexcept {
  return octet != 0 && std::strchr(". '@;()\"\\", octet) != nullptr;
}

void append_octet(std::string& text, uint8_t octet) {
  if (octet < ' ' || octet > '~') {
    text += '\\';
    text += static_cast<char>('0' + octet / 100);
    text += static_cast<char>('0' + octet / 10 % 10);
    text += static_cast<char>('0' + octet % 10);
    return;
  }
  if (is_special(octet))
    text += '\\';
  text += static_cast<char>(octet);
}

} // namespace

std::optional<name> name::from_text(std::string_view text) {
  if (text == ".")
    return name{};
  if (text.empty())
    return std::nullopt;
  name result;
  size_t label = 0, at = 1; // offsets of the current label's length and of the next octet
  while (!text.empty()) {
    if (text[0] == '.') {
      text.remove_prefix(1);
      const size_t length = at - label - 1;
      if (length == 0)
        return std::nullopt;
      result.octets_[label] = static_cast<uint8_t>(length);
      label = at++;
      continue;
    }
    const int octet = take_octet(text);
    // One octet must stay free behind this one for the root label.
    if (octet < 0 || at - label > max_label_octets || at + 1 >= max_name_octets)
      return std::nullopt;
    result.octets_[at++] = static_cast<uint8_t>(octet);
  }
  const size_t length = at - label - 1;
  if (length != 0) {
    result.octets_[label] = static_cast<uint8_t>(length);
    label = at;
  }
  result.octets_[label] = 0;
  result.size_ = static_cast<uint8_t>(label + 1);
  return result;
}

std::string name::to_text() const {
  return dns::to_text(wire());
}

std::string to_text(name_view wire) {
  std::string text;
  while (!wire.empty()) {
    const size_t length = wire[0];
    if (length == 0) {
      text += '.';
      break;
    }
    if (length > max_label_octets || length >= wire.size())
      break;
    if (!text.empty())
      text += '.';
    for (uint8_t octet : wire.subspan(1, length))
      append_octet(text, octet);
    wire = wire.subspan(length + 1);
  }
  return text;
}

} // namespace troupe::dns
