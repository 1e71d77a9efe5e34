// SPDX-License-Identifier: Apache-2.0
#include "config/directives/cache_words.hpp"

#include "config/directives/values.hpp"

#include <algorithm>
#include <cstdint>

namespace troupe::config {

namespace {

using nanoseconds = std::chrono::nanoseconds;

constexpr size_t any = SIZE_MAX;
constexpr long long max_ttl = INT32_MAX;           // RFC 2181 section 8
constexpr std::chrono::minutes max_failure_age{5}; // RFC 2308 section 7.1

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return text;
}

/// CoreDNS divides its caches into 256 parts of at least 4 entries each.
size_t capacity(long long entries) {
  constexpr long long parts = 256, least = 4;
  return static_cast<size_t>(std::max(entries / parts, least) * parts);
}

/// `CAPACITY [TTL [MINTTL]]`
template <cache_options::side cache_options::*which>
failure side(cache_words& w) {
  auto& out = w.out.*which;
  long long entries = 0, least = 0;
  if (auto bad = read_integer(w.in, w.args[0], entries))
    return bad;
  out.capacity = capacity(entries);
  if (w.args.size() < 2)
    return std::nullopt;
  if (auto bad = read_cache_ttl(w.in, w.args[1], out.max_ttl))
    return bad;
  if (w.args.size() < 3)
    return std::nullopt;
  if (auto bad = read_integer(w.in, w.args[2], least))
    return bad;
  if (least < 0)
    return w.in.error("cache min TTL can not be negative: " + std::to_string(least));
  out.min_ttl = static_cast<uint32_t>(std::min(least, max_ttl));
  return std::nullopt;
}

failure percentage(cache_words& w, std::string text) {
  if (!text.ends_with('%'))
    return w.in.error("last character of percentage should be `%`, but is: '" +
                      text.substr(text.size() - std::min<size_t>(text.size(), 1)) + "'");
  text.pop_back();
  long long value = 0;
  if (auto bad = read_integer(w.in, text, value))
    return bad;
  if (value < 10 || value > 90)
    return w.in.error("percentage should fall in range [10, 90]: " + std::to_string(value));
  w.out.prefetch_percentage = static_cast<unsigned>(value);
  return std::nullopt;
}

failure prefetch(cache_words& w) {
  long long amount = 0;
  if (auto bad = read_integer(w.in, w.args[0], amount))
    return bad;
  if (amount < 0)
    return w.in.error("prefetch amount should be positive: " + std::to_string(amount));
  w.out.prefetch = static_cast<unsigned>(std::min<long long>(amount, UINT32_MAX));
  if (w.args.size() > 1) {
    if (auto bad = read_duration(w.in, w.args[1], w.out.prefetch_within))
      return bad;
  }
  return w.args.size() > 2 ? percentage(w, w.args[2]) : std::nullopt;
}

failure stale_ttl(cache_words& w, const std::string& text) {
  nanoseconds ttl{0};
  if (auto bad = read_duration(w.in, text, ttl, "invalid serve_stale response TTL: "))
    return bad;
  if (ttl.count() < 0)
    return w.in.error("invalid negative response TTL for serve_stale");
  if (ttl % std::chrono::seconds{1} != nanoseconds{0})
    return w.in.error("serve_stale response TTL must be a whole number of seconds");
  if (ttl > std::chrono::seconds{UINT32_MAX})
    return w.in.error("serve_stale response TTL exceeds the DNS TTL range");
  w.out.stale_ttl = static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(ttl).count());
  return std::nullopt;
}

failure stale_recheck(cache_words& w, const std::string& text) {
  if (auto bad = read_duration(w.in, text, w.out.stale_recheck, "invalid serve_stale failure recheck: "))
    return bad;
  if (w.out.stale_recheck.count() < 0)
    return w.in.error("invalid negative failure recheck for serve_stale");
  if (w.out.stale_recheck > max_failure_age)
    return w.in.error("serve_stale failure recheck cannot exceed 5 minutes");
  return std::nullopt;
}

/// `[DURATION [immediate [TTL [RECHECK]] | verify [TIMEOUT [TTL [RECHECK]]]]]`; a second line replaces the first.
failure serve_stale(cache_words& w) {
  auto& out = w.out;
  out.serve_stale = std::chrono::hours{1};
  out.stale_verify = false;
  out.verify_timeout = out.stale_recheck = nanoseconds{0};
  out.stale_ttl = 0;
  if (w.args.empty())
    return std::nullopt;
  if (auto bad = read_duration(w.in, w.args[0], out.serve_stale))
    return bad;
  if (out.serve_stale.count() < 0)
    return w.in.error("invalid negative duration for serve_stale");
  if (w.args.size() == 1)
    return std::nullopt;
  const auto mode = lower(w.args[1]);
  if (mode != "immediate" && mode != "verify")
    return w.in.error("invalid value for serve_stale refresh mode: " + mode);
  out.stale_verify = mode == "verify";
  size_t next = 2;
  if (out.stale_verify && next < w.args.size()) {
    if (auto bad = read_duration(w.in, w.args[next++], out.verify_timeout, "invalid serve_stale verify timeout: "))
      return bad;
    if (out.verify_timeout.count() < 0)
      return w.in.error("invalid negative timeout for serve_stale verify");
  }
  if (w.args.size() > next + 2)
    return w.in.argument_error();
  failure bad;
  if (next < w.args.size())
    bad = stale_ttl(w, w.args[next++]);
  if (!bad && next < w.args.size())
    bad = stale_recheck(w, w.args[next]);
  return bad;
}

failure serve_stale_policy(cache_words& w) {
  if (w.out.prefer_positive)
    return w.in.error("serve_stale_policy can only be specified once");
  if (lower(w.args[0]) != "prefer_positive")
    return w.in.error("invalid serve_stale_policy: " + w.args[0]);
  w.out.prefer_positive = true;
  return std::nullopt;
}

failure servfail(cache_words& w) {
  if (auto bad = read_duration(w.in, w.args[0], w.out.servfail))
    return bad;
  if (w.out.servfail.count() < 0)
    return w.in.error("invalid negative ttl for servfail");
  if (w.out.servfail > max_failure_age)
    return w.in.error("caching SERVFAIL responses over 5 minutes is not permitted");
  return std::nullopt;
}

/// `success|denial [ZONES...]`; a second line for the same replaces the first.
failure disable(cache_words& w) {
  std::vector<dns::name> zones(w.args.size() > 1 ? 0 : 1); // none named: the root
  for (size_t i = 1; i < w.args.size(); ++i) {
    const auto zone = w.args[i].empty() ? std::nullopt : dns::name::from_text(w.args[i]);
    if (!zone)
      return w.in.error("invalid disabled zone: " + w.args[i]);
    zones.push_back(zone->lowered());
  }
  if (w.args[0] != "success" && w.args[0] != "denial")
    return w.in.error("cache type for disable must be \"success\" or \"denial\"");
  auto& out = w.args[0] == "success" ? w.out.success : w.out.denial;
  out.disabled = zone_index{zones};
  out.any_disabled = true;
  return std::nullopt;
}

failure keepttl(cache_words& w) {
  w.out.keep_ttl = true;
  return std::nullopt;
}

constexpr cache_property cache_properties[] = {
  {"success", 1, any, side<&cache_options::success>}, // CoreDNS drops what comes behind the third word
  {"denial", 1, any, side<&cache_options::denial>},
  {"prefetch", 1, 3, prefetch},
  {"serve_stale", 0, 5, serve_stale},
  {"serve_stale_policy", 1, 1, serve_stale_policy},
  {"servfail", 1, 1, servfail},
  {"disable", 1, any, disable},
  {"keepttl", 0, 0, keepttl},
};

} // namespace

const cache_property* find_cache_property(std::string_view name) {
  const auto found = std::find_if(std::begin(cache_properties), std::end(cache_properties),
                                  [&](const cache_property& p) { return p.name == name; });
  return found == std::end(cache_properties) ? nullptr : found;
}

failure read_cache_ttl(const dispenser& in, const std::string& text, uint32_t& out) {
  long long ttl = 0;
  if (auto bad = read_integer(in, text, ttl))
    return bad;
  if (ttl <= 0)
    return in.error("cache TTL can not be zero or negative: " + std::to_string(ttl));
  out = static_cast<uint32_t>(std::min(ttl, max_ttl));
  return std::nullopt;
}

} // namespace troupe::config
