// SPDX-License-Identifier: Apache-2.0
#include "net/kube/proxy.hpp"

#include "net/kube/check.hpp"
#include "net/kube/endpoint_url.hpp"
#include "net/kube/kubeconfig.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace troupe::kube {

namespace {

constexpr size_t max_value = 2048;
constexpr uint16_t http_port = 80, socks_port = 1080;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string in_small_letters(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

/// `value` for a message: whatever stands between a user and the last '@' may be a password.
std::string masked(std::string_view value) {
  const size_t scheme = value.find("://"), at = value.rfind('@');
  const size_t user = scheme == value.npos ? 0 : scheme + 3;
  const size_t colon = at == value.npos ? at : value.find(':', user);
  if (colon >= at)
    return quote(value);
  return quote(fmt::format("{}:***{}", value.substr(0, colon), value.substr(at)));
}

int hex(char c) {
  return c >= '0' && c <= '9' ? c - '0' : lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

/// RFC 3986 section 2.1; nothing where a '%' stands before anything else than two hexadecimal digits.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0)
      return std::nullopt;
    out += static_cast<char>(hex(text[i + 1]) << 4 | hex(text[i + 2]));
    i += 2;
  }
  return out;
}

bool is_loopback(const address& number) {
  return number.v6 ? number == *address::from_text("::1") : number.octets[0] == 127;
}

} // namespace

std::string host_and_port(const std::string& host, uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

std::string proxy::to_text() const {
  return fmt::format("the proxy {} ({})", host_and_port(host, port), origin);
}

std::variant<proxy, std::string> parse_proxy(std::string_view value, const std::string& setting, bool with_scheme) {
  const auto bad = [&](const char* why) {
    return fmt::format("{} {} {}; a proxy is given as http://[USER:PASSWORD@]HOST[:PORT]", setting, masked(value), why);
  };
  if (value.size() > max_value)
    return bad("is too long");
  if (std::any_of(value.begin(), value.end(), [](char c) { return c <= ' ' || c >= 127; }))
    return bad("has blanks or other octets that no URL has");
  proxy out;
  out.origin = setting;
  std::string_view rest = value;
  if (const size_t at = value.find("://"); at != value.npos) {
    const auto scheme = in_small_letters(value.substr(0, at));
    if (scheme == "https")
      return fmt::format(
        "{} {} wants TLS to the proxy itself, which is not there yet; give it as http:// (an https API "
        "server's connection is encrypted through it all the same)",
        setting, masked(value));
    if (scheme != "http" && scheme != "socks5" && scheme != "socks5h")
      return bad("is neither http nor socks5");
    out.speaks = scheme == "http" ? proxy::protocol::http : proxy::protocol::socks5;
    rest.remove_prefix(at + 3);
  } else if (with_scheme || value.find(":/") != value.npos) {
    return bad("has no scheme that ends with '://'");
  }
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const size_t at = rest.rfind('@'); at != rest.npos) {
    const size_t colon = std::min(rest.find(':'), at);
    const auto user = unescaped(rest.substr(0, colon));
    const auto password = unescaped(colon < at ? rest.substr(colon + 1, at - colon - 1) : std::string_view{});
    if (!user || !password)
      return bad("has a '%' in its user or password that is not followed by two hexadecimal digits");
    out.credentials = *user + ":" + *password;
    rest.remove_prefix(at + 1);
  }
  out.port = out.speaks == proxy::protocol::http ? http_port : socks_port;
  if (auto* why = use_authority(rest, out.host, out.port))
    return bad(why);
  return out;
}

std::optional<std::string> use_environment(api_server& server, const environment& get) {
  const auto set = [&get](const char* name) {
    const char* value = get(name);
    return std::string_view{value ? value : ""};
  };
  const auto first = [&](const char* capital, const char* small) {
    return std::pair{set(capital).empty() ? small : capital, set(capital).empty() ? set(small) : set(capital)};
  };
  const auto [name, value] = server.tls ? first("HTTPS_PROXY", "https_proxy") : first("HTTP_PROXY", "http_proxy");
  if (server.through || value.empty())
    return std::nullopt;
  if (!server.tls && !set("REQUEST_METHOD").empty()) // then a client may have set it, as a header named Proxy
    return fmt::format("{} is not believed while REQUEST_METHOD is set, which makes this a CGI program; unset one of "
                       "them",
                       name);
  const auto number = address::from_text(server.host);
  if (server.host == "localhost" || (number && is_loopback(*number)) ||
      excludes(first("NO_PROXY", "no_proxy").second, server.host, server.port))
    return std::nullopt;
  auto read = parse_proxy(value, name, false);
  if (auto* bad = std::get_if<std::string>(&read))
    return *bad + "; or have NO_PROXY name the API server's host";
  server.through = std::get<proxy>(std::move(read));
  server.origin += " through " + server.through->to_text();
  return std::nullopt;
}

} // namespace troupe::kube
