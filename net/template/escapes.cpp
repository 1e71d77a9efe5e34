// SPDX-License-Identifier: Apache-2.0
#include "net/template/functions.hpp"
#include "net/template/literals.hpp"

#include <cstdio>

namespace troupe::templates {

std::string html_escaped(std::string_view s) {
  std::string out;
  for (const char c : s) {
    switch (c) {
    case '\0':
      out += "\uFFFD";
      break;
    case '"':
      out += "&#34;";
      break;
    case '\'':
      out += "&#39;";
      break;
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    default:
      out += c;
    }
  }
  return out;
}

std::string js_escaped(std::string_view s) {
  std::string out;
  const auto escape = [&](uint32_t code) {
    char text[16];
    std::snprintf(text, sizeof text, "\\u%04X", code);
    out += text;
  };
  while (!s.empty()) {
    const rune r = first_rune(s);
    const std::string_view whole = s.substr(0, r.octets);
    s.remove_prefix(r.octets);
    if (r.code == '\\' || r.code == '\'' || r.code == '"')
      (out += '\\') += static_cast<char>(r.code);
    else if (r.code < ' ' || r.code == '<' || r.code == '>' || r.code == '&' || r.code == '=' ||
             (r.code >= 0x80 && !printable(r.code)))
      escape(r.code);
    else
      out += whole;
  }
  return out;
}

std::string url_escaped(std::string_view s) {
  constexpr const char* digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : s) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain || c == ' ') {
      out += plain ? c : '+';
      continue;
    }
    const auto octet = static_cast<uint8_t>(c);
    ((out += '%') += digits[octet >> 4]) += digits[octet & 15];
  }
  return out;
}

} // namespace troupe::templates
