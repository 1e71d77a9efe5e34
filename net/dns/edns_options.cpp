// SPDX-License-Identifier: Apache-2.0
#include "net/dns/edns_options.hpp"

#include "net/dns/wire.hpp"

#include <algorithm>
#include <utility>

namespace troupe::dns {

namespace {

constexpr uint16_t do_bit = 0x8000; // RFC 3225 section 3

bool is_cookie(std::span<const uint8_t> data) noexcept {
  return data.size() == client_cookie_octets ||
         (data.size() >= min_whole_cookie_octets && data.size() <= max_whole_cookie_octets);
}

/// RFC 7871 section 6: as many address octets as the source prefix needs, no bits behind it, scope 0 in a query. Family
/// 0 stands for "no address" (`dig +subnet=0`).
bool is_client_subnet(std::span<const uint8_t> data) noexcept {
  if (data.size() < 4)
    return false;
  const uint16_t family = get16(data.data());
  const unsigned source = data[2], scope = data[3];
  const unsigned bits = family == 1 ? 32 : family == 2 ? 128 : 0;
  if (family > 2 || source > bits || scope != 0 || data.size() != 4 + (source + 7) / 8)
    return false;
  return source % 8 == 0 || (data.back() & (0xff >> source % 8)) == 0;
}

/// Of the first one, as it is asked for by its address: what is behind the prefix is zero.
void note_client_subnet(std::span<const uint8_t> data, query& out) noexcept {
  if (std::exchange(out.edns.has_subnet, true))
    return;
  const bool v6 = get16(data.data()) == 2;
  out.client_subnet = {};
  if (!v6)
    out.client_subnet[10] = out.client_subnet[11] = 0xff;
  std::ranges::copy(data.subspan(4), out.client_subnet.begin() + (v6 ? 0 : 12));
}

/// False if the option is one that we know and malformed.
bool note_option(uint16_t code, std::span<const uint8_t> data, query& of) noexcept {
  edns& out = of.edns;
  switch (static_cast<edns_option>(code)) {
  case edns_option::nsid:
    out.wants_nsid = true;
    return true;
  case edns_option::client_subnet:
    if (!is_client_subnet(data))
      return false;
    note_client_subnet(data, of);
    return true;
  case edns_option::cookie:
    // All but the first are ignored (RFC 7873 section 5.2).
    return out.has_cookie || (out.has_cookie = is_cookie(data));
  case edns_option::tcp_keepalive:
    out.has_keepalive = true;
    return true;
  case edns_option::extended_error:
    return true;
  }
  return true;
}

} // namespace

void put_option(std::span<uint8_t> out, uint16_t code, std::span<const uint8_t> data) noexcept {
  uint8_t* p = put16(put16(out.data(), code), static_cast<uint16_t>(data.size()));
  std::ranges::copy(data, p);
}

bool read_opt(std::span<const uint8_t> record, query& of) noexcept {
  edns& out = of.edns;
  out.present = true;
  out.udp_payload = get16(&record[2]);
  out.version = record[5];
  out.dnssec_ok = (get16(&record[6]) & do_bit) != 0;
  if (out.version != 0)
    return true;
  auto options = record.subspan(record_fixed_octets);
  bool good = true;
  size_t noted = 0;
  while (!options.empty()) {
    if (options.size() < 4 || options.size() - 4 < get16(&options[2])) {
      out.present = false;
      return false;
    }
    const size_t length = get16(&options[2]);
    if (noted < out.option_codes.size())
      out.option_codes[noted++] = get16(options.data());
    good = note_option(get16(options.data()), options.subspan(4, length), of) && good;
    options = options.subspan(4 + length);
  }
  return good;
}

} // namespace troupe::dns
