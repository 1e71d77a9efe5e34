// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/cache_table.hpp"

#include <gtest/gtest.h>

/// Queries and kept replies made by hand, so that the cache's tests need nothing that reads or writes messages.
namespace troupe::test {

/// What a question asks for beside its name.
struct asked {
  uint16_t type = 1;
  uint16_t qclass = 1;
  bool dnssec_ok = false;
  bool checking_disabled = false;
  bool recursion_desired = false;
};

inline dns::query ask(std::string_view name, asked what = {}) {
  dns::query q;
  const dns::name lowered = dns::name::from_text(name)->lowered();
  std::ranges::copy(lowered.wire(), q.lowered.begin());
  std::ranges::copy(lowered.wire(), q.qname.begin());
  q.qname_octets = static_cast<uint8_t>(lowered.size());
  q.qname_hash = dns::hash(lowered.wire());
  q.qtype = what.type;
  q.qclass = what.qclass;
  q.edns.present = q.edns.dnssec_ok = what.dnssec_ok;
  q.flags =
    static_cast<uint16_t>((what.checking_disabled ? dns::flag::cd : 0) | (what.recursion_desired ? dns::flag::rd : 0));
  return q;
}

/// What a reply is to be like.
struct saying {
  dns::rcode rcode = dns::rcode::noerror;
  std::vector<uint32_t> answer{};    ///< TTLs
  std::vector<uint32_t> authority{}; ///< likewise
  bool nodata = false;
  bool soa = false;
  bool ns = false;
  bool truncated = false;
  size_t padding = 0; ///< octets more
  bool foreign_soa = false;
  std::optional<uint32_t> signed_until{};
  std::optional<uint32_t> signed_from{}; ///< a day before, else
};

inline dns::kept_reply_ptr reply(const saying& s) {
  auto out = std::make_shared<dns::kept_reply>();
  out->image.assign(17, 0); // header, root, type, class
  out->image[2] = s.truncated ? 0x82 : 0x80;
  out->image[3] = static_cast<uint8_t>(static_cast<uint16_t>(s.rcode) & 15);
  out->image[5] = 1;
  out->image[7] = static_cast<uint8_t>(s.answer.size());
  out->image[9] = static_cast<uint8_t>(s.authority.size());
  out->least_ttl = s.answer.empty() && s.authority.empty() ? 0 : UINT32_MAX;
  for (const auto* section : {&s.answer, &s.authority})
    for (const uint32_t ttl : *section) {
      out->image.insert(out->image.end(), {0xc0, 12, 0, 1, 0, 1});
      out->ttls.push_back(static_cast<uint16_t>(out->image.size()));
      out->image.insert(out->image.end(), 4 + 2 + 4, 0);
      out->least_ttl = std::min(out->least_ttl, ttl);
    }
  out->image.resize(out->image.size() + s.padding);
  out->image.shrink_to_fit();
  out->rcode = static_cast<uint16_t>(s.rcode);
  out->nodata = s.nodata;
  out->has_soa = s.soa;
  out->has_ns = s.ns;
  out->foreign_soa = s.foreign_soa;
  out->signed_until = s.signed_until;
  out->signed_from = s.signed_from.value_or(s.signed_until.value_or(0) - 86'400);
  return out;
}

inline dns::kept_reply_ptr positive(uint32_t ttl) {
  return reply({.answer = {ttl}});
}
inline dns::kept_reply_ptr nxdomain(uint32_t ttl) {
  return reply({.rcode = dns::rcode::nxdomain, .authority = {ttl}, .soa = true});
}
inline dns::kept_reply_ptr nodata(uint32_t ttl) {
  return reply({.authority = {ttl}, .nodata = true, .soa = true});
}
inline dns::kept_reply_ptr referral(uint32_t ttl) {
  return reply({.authority = {ttl}, .nodata = true, .ns = true});
}
inline dns::kept_reply_ptr servfail() {
  return reply({.rcode = dns::rcode::servfail});
}
inline dns::kept_reply_ptr notimp() {
  return reply({.rcode = dns::rcode::notimp});
}

/// Time that stands still but for what is added.
inline net::time_point at(double seconds) {
  return net::time_point{std::chrono::hours{1}} + std::chrono::milliseconds{static_cast<int64_t>(seconds * 1000)};
}

/// Rules whose TTL limits are out of the way.
inline net::cache_rules wide() {
  net::cache_rules r;
  r.success.min_ttl = r.denial.min_ttl = 1;
  return r;
}

} // namespace troupe::test
