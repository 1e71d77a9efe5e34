// SPDX-License-Identifier: Apache-2.0
#include "actors/http/utf8.hpp"

#include <cstddef>
#include <cstdint>

namespace troupe {

namespace {

/// Octets of the sequence at the start of `text`, 0 if it is none.
size_t sequence_octets(std::string_view text) {
  const auto octet = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = octet(0);
  if (lead < 0x80)
    return 1;
  const size_t octets = lead >= 0xC2 && lead <= 0xDF   ? 2
                        : (lead & 0xF0) == 0xE0        ? 3
                        : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                       : 0;
  if (octets == 0 || text.size() < octets)
    return 0;
  for (size_t i = 1; i < octets; ++i)
    if ((octet(i) & 0xC0) != 0x80)
      return 0;
  const bool overlong = (lead == 0xE0 && octet(1) < 0xA0) || (lead == 0xF0 && octet(1) < 0x90);
  const bool surrogate = lead == 0xED && octet(1) > 0x9F;
  const bool too_big = lead == 0xF4 && octet(1) > 0x8F;
  return overlong || surrogate || too_big ? 0 : octets;
}

} // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t octets = sequence_octets(text);
    if (octets == 0)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(0, octets);
    text.remove_prefix(octets == 0 ? 1 : octets);
  }
  return out;
}

} // namespace troupe
