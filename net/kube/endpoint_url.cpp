// SPDX-License-Identifier: Apache-2.0
#include "net/kube/endpoint_url.hpp"

#include "net/kube/check.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::kube {

namespace {

constexpr size_t max_url = 2048;
constexpr uint16_t https_port = 443, http_port = 80;

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  });
}

bool is_path(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 127 && c != '?' && c != '#'; });
}

bool use_port(std::string_view text, uint16_t& port) {
  unsigned number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1 || number > 65535)
    return false;
  port = static_cast<uint16_t>(number);
  return true;
}

/// In any case, as Go reads it (RFC 3986 section 3.1).
bool is_scheme(std::string_view written, std::string_view lowered) {
  return std::equal(written.begin(), written.end(), lowered.begin(), lowered.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

} // namespace

const char* use_authority(std::string_view authority, std::string& host, uint16_t& port) {
  std::string_view behind;
  if (!authority.empty() && authority.front() == '[') {
    const size_t end = authority.find(']');
    if (end == authority.npos || !address::from_text(authority.substr(1, end - 1)))
      return "has no IPv6 address in its brackets";
    host = authority.substr(1, end - 1);
    behind = authority.substr(end + 1);
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    host = authority.substr(0, colon);
    behind = authority.substr(colon);
    if (!is_host(host))
      return "has no host name or address";
  }
  if (!behind.empty() && behind != ":" && (behind.front() != ':' || !use_port(behind.substr(1), port)))
    return "has a port that is not in 1 to 65535";
  return nullptr;
}

std::optional<std::string> use_url(std::string_view url, bool tls_material, api_server& server) {
  const std::string bad = "server " + quote(url);
  if (url.size() > max_url)
    return bad + " is too long";
  server.tls = tls_material;
  if (size_t at = url.find("://"); at != url.npos) {
    const bool secure = is_scheme(url.substr(0, at), "https");
    if (!secure && !is_scheme(url.substr(0, at), "http"))
      return bad + " is neither https nor http";
    server.tls = secure;
    url.remove_prefix(at + 3);
  }
  const size_t slash = std::min(url.find('/'), url.size());
  std::string_view authority = url.substr(0, slash), path = url.substr(slash);
  while (!path.empty() && path.back() == '/')
    path.remove_suffix(1);
  if (!is_path(path))
    return bad + " has a path that is none";
  server.path = path;
  server.port = server.tls ? https_port : http_port;
  if (auto* why = use_authority(authority, server.host, server.port))
    return bad + " " + why;
  return std::nullopt;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string result;
  uint32_t bits = 0;
  int count = 0, digits = 0;
  bool padded = false;
  for (char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
      continue;
    ++digits;
    if (c == '=') {
      padded = true;
      continue;
    }
    const int digit = base64_digit(c);
    if (digit < 0 || padded)
      return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      result += static_cast<char>(bits >> count & 0xff);
    }
  }
  if (digits % 4 != 0)
    return std::nullopt;
  return result;
}

} // namespace troupe::kube
