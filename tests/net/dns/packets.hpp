// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/query.hpp"

#include <string>
#include <vector>

/// Packets for tests, put together from pieces.
namespace troupe::dns::test {

using octets = std::vector<uint8_t>;

/// Octets from hexadecimal digits; blanks between them are for the eye.
inline octets hex(std::string_view digits) {
  octets result;
  int high = -1;
  for (char c : digits) {
    if (c == ' ')
      continue;
    const int value = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0)
      high = value;
    else
      result.push_back(static_cast<uint8_t>(high << 4 | value)), high = -1;
  }
  return result;
}

inline octets operator+(octets a, const octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline octets repeat(uint8_t octet, size_t times) {
  return octets(times, octet);
}

inline octets be16(unsigned value) {
  return {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
}

inline octets wire_name(std::string_view text) {
  const auto parsed = name::from_text(text).value();
  return {parsed.wire().begin(), parsed.wire().end()};
}

/// A header with ID 4142.
inline octets header(unsigned flags, unsigned questions = 1, unsigned answers = 0, unsigned authorities = 0,
                     unsigned additionals = 0) {
  return hex("4142") + be16(flags) + be16(questions) + be16(answers) + be16(authorities) + be16(additionals);
}

inline octets ask_for(std::string_view text, unsigned type = 1, unsigned rrclass = 1) {
  return wire_name(text) + be16(type) + be16(rrclass);
}

inline octets option(unsigned code, const octets& data) {
  return be16(code) + be16(data.size()) + data;
}

/// An OPT record; `flags` are those behind the version.
inline octets opt(const octets& options = {}, unsigned size = 1232, unsigned version = 0, unsigned flags = 0) {
  return hex("00 0029") + be16(size) + be16(version) + be16(flags) + be16(options.size()) + options;
}

inline octets rr(std::string_view owner, unsigned type, const octets& data, unsigned rrclass = 1) {
  return wire_name(owner) + be16(type) + be16(rrclass) + hex("0000001e") + be16(data.size()) + data;
}

/// A query for `cluster.local. SOA` with one OPT.
inline octets edns_query(const octets& opt_record) {
  return header(0, 1, 0, 0, 1) + ask_for("cluster.local.", 6) + opt_record;
}

/// The parsed query for `text`; the caller wants a well-formed one.
inline query asked(std::string_view text, unsigned type = 1, unsigned edns_size = 0) {
  octets packet = header(flag::rd, 1, 0, 0, edns_size != 0 ? 1 : 0) + ask_for(text, type);
  if (edns_size != 0)
    packet = packet + opt({}, edns_size);
  query q;
  parse_query(packet, q);
  return q;
}

} // namespace troupe::dns::test
