// SPDX-License-Identifier: Apache-2.0
#include "config/directives/dns64.hpp"

#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

namespace {

constexpr unsigned skipped_octet = 8; // bits 64 to 71 are zero (RFC 6052 section 2.2)

failure read_dns64_prefix(const dispenser& in, const std::string& text, prefix& out) {
  const auto found = prefix::from_text(text);
  if (!found || text.find('/') == text.npos)
    return in.error("invalid CIDR address: " + text);
  if (!found->v6)
    return in.error("invalid netmask 32 IPv6 address: " + quote(found->to_text()));
  if (found->length % 8 != 0 || found->length < 32 || found->length > 96)
    return in.error("invalid prefix length " + quote(found->to_text()));
  out = *found;
  return std::nullopt;
}

/// What stands in braces behind a prefix of the line: CoreDNS's README has that form, and its code takes a word alone
/// for nothing and one with an argument for another prefix, whatever the word.
failure pass_over_braces(dispenser& in, setup& s, prefix& out) {
  const place at = in.at();
  bool any = false;
  for (; in.next_property(); any = true) {
    const auto args = in.arguments();
    if (args.size() > 1)
      return in.argument_error();
    if (args.size() == 1)
      if (auto bad = read_dns64_prefix(in, args[0], out))
        return bad;
  }
  if (any)
    s.warnings.push_back(error_at(at,
                                  "plugin/dns64: options behind PREFIX { have no effect, as in CoreDNS; write `prefix` "
                                  "into the braces")
                           .text());
  return std::nullopt;
}

} // namespace

std::array<uint8_t, 16> dns64_options::embed(const uint8_t* v4) const noexcept {
  std::array<uint8_t, 16> out{};
  unsigned at = prefix.length / 8u;
  std::copy_n(prefix.octets.begin(), at, out.begin());
  for (unsigned i = 0; i < 4; ++i, ++at) {
    if (at == skipped_octet)
      ++at;
    out[at] = v4[i];
  }
  return out;
}

failure parse_dns64(dispenser& in, setup& s) {
  dns64_options& options = s.block.own<dns64_options>("dns64");
  const auto args = in.arguments();
  if (args.size() > 1)
    return in.argument_error();
  if (args.size() == 1) {
    if (auto bad = read_dns64_prefix(in, args[0], options.prefix))
      return bad;
    return pass_over_braces(in, s, options.prefix);
  }
  while (in.next_property()) {
    if (in.word() == "prefix") {
      const auto text = in.argument();
      if (!text)
        return in.argument_error();
      if (auto bad = read_dns64_prefix(in, *text, options.prefix))
        return bad;
    } else if (in.word() == "translate_all") {
      options.translate_all = true;
    } else if (in.word() == "allow_ipv4") {
      options.allow_v4 = true;
    } else {
      return in.unknown_property();
    }
  }
  return std::nullopt;
}

} // namespace troupe::config
