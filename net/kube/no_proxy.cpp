// SPDX-License-Identifier: Apache-2.0
#include "net/kube/objects.hpp"
#include "net/kube/proxy.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::kube {

namespace {

constexpr unsigned mapped_bits = 96; ///< of ::ffff:0:0/96 (RFC 4291 section 2.5.5.2)

std::string lowered(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string_view without_blanks(std::string_view text) {
  constexpr auto space = " \t\r\n\v\f";
  const size_t begin = text.find_first_not_of(space);
  return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

/// Whether the first `bits` of both are the same.
bool same_network(const address& a, const address& b, unsigned bits) {
  for (size_t i = 0; bits > 0; ++i) {
    const unsigned here = std::min(bits, 8u);
    if ((a.octets[i] ^ b.octets[i]) >> (8 - here) != 0)
      return false;
    bits -= here;
  }
  return a.v6 == b.v6;
}

struct network {
  address at;
  unsigned bits = 0;
};

std::optional<network> network_from(std::string_view text) {
  const size_t slash = text.find('/');
  const auto at = slash == text.npos ? std::nullopt : address::from_text(text.substr(0, slash));
  if (!at)
    return std::nullopt;
  network out{*at, 0};
  const auto length = text.substr(slash + 1);
  const bool mapped = !at->v6 && text.find(':') < slash;
  auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), out.bits);
  if (error != std::errc{} || end != length.data() + length.size() || out.bits > (at->v6 || mapped ? 128 : 32))
    return std::nullopt;
  if (mapped)
    out.bits -= std::min(out.bits, mapped_bits);
  return out;
}

/// Takes `:PORT` off, and brackets around what is before it, where that is the whole form (Go's net.SplitHostPort).
std::string_view take_port(std::string_view& text) {
  const size_t colon = text.rfind(':');
  if (colon == text.npos)
    return {};
  std::string_view host = text.substr(0, colon);
  if (!host.empty() && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != host.npos)
    return {};
  if (host.find_first_of("[]") != host.npos)
    return {};
  const auto port = text.substr(colon + 1);
  text = host;
  return port;
}

/// One entry of NO_PROXY, in small letters and without blanks around it.
bool matches(std::string_view entry, const std::string& host, const std::optional<address>& number, uint16_t port) {
  if (entry.empty())
    return false;
  if (entry == "*")
    return true;
  if (auto net = network_from(entry))
    return number && same_network(net->at, *number, net->bits);
  const auto wanted = take_port(entry);
  if (entry.empty() || (!wanted.empty() && wanted != std::to_string(port)))
    return false;
  if (auto one = address::from_text(entry))
    return number == one;
  if (number)
    return false;
  if (entry.starts_with("*."))
    entry.remove_prefix(1);
  if (entry.front() == '.')
    return host.ends_with(entry);
  return host == entry || (host.ends_with(entry) && host[host.size() - entry.size() - 1] == '.');
}

} // namespace

bool excludes(std::string_view no_proxy, const std::string& host, uint16_t port) {
  const auto number = address::from_text(host);
  const std::string name = lowered(host);
  for (size_t begin = 0; begin <= no_proxy.size();) {
    const size_t end = std::min(no_proxy.find(',', begin), no_proxy.size());
    if (matches(lowered(without_blanks(no_proxy.substr(begin, end - begin))), name, number, port))
      return true;
    begin = end + 1;
  }
  return false;
}

} // namespace troupe::kube
