// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The values that labels and buckets of the query metrics can have: those of CoreDNS, so that its dashboards fit.
namespace troupe::net {

/// Whose queries are counted together.
struct metric_labels {
  std::string server; ///< as CoreDNS writes it: `dns://:53`, `dns://127.0.0.1:1053`
  std::string zone;   ///< the zone that matched, `.` for the root, or dropped_zone
  std::string view;   ///< empty without `view`

  auto operator<=>(const metric_labels&) const = default;
};

/// `zone` of what was answered before any server block was asked. Without a final dot, so that it can be no zone.
inline constexpr std::string_view dropped_zone = "dropped";

/// Types with a label of their own; all others are `other`.
struct counted_type {
  uint8_t number;
  std::string_view name;
};

inline constexpr std::array<counted_type, 19> counted_types{{
  {1, "A"},     {2, "NS"},     {5, "CNAME"},  {6, "SOA"},    {12, "PTR"},  {15, "MX"},     {16, "TXT"},
  {28, "AAAA"}, {33, "SRV"},   {43, "DS"},    {46, "RRSIG"}, {47, "NSEC"}, {48, "DNSKEY"}, {50, "NSEC3"},
  {64, "SVCB"}, {65, "HTTPS"}, {251, "IXFR"}, {252, "AXFR"}, {255, "ANY"},
}};

inline constexpr size_t type_slots = counted_types.size() + 1; ///< the last one is `other`

/// Index of `qtype` in counted_types, or type_slots - 1.
inline size_t type_slot(uint16_t qtype) noexcept {
  static constexpr auto table = [] {
    std::array<uint8_t, 256> t{};
    t.fill(type_slots - 1);
    for (size_t i = 0; i < counted_types.size(); ++i)
      t[counted_types[i].number] = static_cast<uint8_t>(i);
    return t;
  }();
  return qtype < table.size() ? table[qtype] : type_slots - 1;
}

inline constexpr std::string_view type_label(size_t slot) noexcept {
  return slot < counted_types.size() ? counted_types[slot].name : "other";
}

/// Codes 0 to 23 (RFC 6895 section 2.3); the last slot also takes what lies above.
inline constexpr size_t rcode_slots = 24;

inline constexpr std::string_view rcode_label(size_t slot) noexcept {
  constexpr std::array<std::string_view, rcode_slots> names{
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",  "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
    "NXRRSET", "NOTAUTH", "NOTZONE",  "DSOTYPENI", "RCODE12", "RCODE13", "RCODE14",  "RCODE15",
    "BADVERS", "BADKEY",  "BADTIME",  "BADMODE",   "BADNAME", "BADALG",  "BADTRUNC", "BADCOOKIE"};
  return names[slot < names.size() ? slot : names.size() - 1];
}

/// Who can be next to `prometheus` and so the one who writes answers: the label `plugin`. Empty is the server itself.
inline constexpr std::array<std::string_view, 25> plugin_names{
  "",       "acl",         "any",     "auto",      "autopath", "cache",    "chaos",        "dns64",      "erratic",
  "errors", "etcd",        "file",    "forward",   "grpc",     "hosts",    "k8s_external", "kubernetes", "local",
  "log",    "loadbalance", "minimal", "secondary", "template", "transfer", "whoami"};

/// Index of `name` in plugin_names, 0 if it is not there. For the building of a plan.
inline constexpr uint8_t plugin_index(std::string_view name) noexcept {
  auto found = std::find(plugin_names.begin(), plugin_names.end(), name);
  return found == plugin_names.end() ? 0 : static_cast<uint8_t>(found - plugin_names.begin());
}

/// Durations: upper bounds 0.25 ms, 0.5 ms, … 8.192 s.
inline constexpr size_t duration_buckets = 16;
inline constexpr uint64_t first_duration_bound_ns = 250'000;

inline constexpr double duration_bound_seconds(size_t bucket) noexcept {
  return static_cast<double>(first_duration_bound_ns << bucket) / 1e9;
}

/// First bucket whose bound is not below `ns`; duration_buckets if there is none.
inline constexpr size_t duration_bucket(uint64_t ns) noexcept {
  const size_t bucket = ns == 0 ? 0 : static_cast<size_t>(std::bit_width((ns - 1) / first_duration_bound_ns));
  return std::min(bucket, duration_buckets);
}

/// Sizes of messages: upper bounds in octets.
inline constexpr std::array<uint32_t, 14> size_bounds{0,    100,  200,  300,   400,   511,   1023,
                                                      2047, 4095, 8291, 16000, 32000, 48000, 64000};

/// First bucket whose bound is not below `octets`; size_bounds.size() if there is none.
inline constexpr size_t size_bucket(uint32_t octets) noexcept {
  if (octets <= 400)
    return (octets + 99) / 100; // nearly all: no branches on the size
  size_t bucket = 5;
  while (bucket < size_bounds.size() && size_bounds[bucket] < octets)
    ++bucket;
  return bucket;
}

} // namespace troupe::net
