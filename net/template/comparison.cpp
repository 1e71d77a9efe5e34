// SPDX-License-Identifier: Apache-2.0
#include "net/template/format.hpp"
#include "net/template/functions.hpp"

namespace troupe::templates {

namespace {

constexpr const char* bad_type = "invalid type for comparison";

/// Kinds that Go compares: bool, int, uint, float, string.
bool is_basic(const value& v) noexcept {
  return v.held.index() >= 1 && v.held.index() <= 5;
}

std::string incompatible(const value& a, const value& b) {
  return "incompatible types for comparison: " + std::string{a.type} + " and " + std::string{b.type};
}

/// Signed and unsigned numbers compare by what they say; nothing for other pairs of kinds.
std::optional<std::strong_ordering> mixed_order(const value& a, const value& b) noexcept {
  const auto* sa = a.get<int64_t>();
  const auto* sb = b.get<int64_t>();
  const auto* ua = a.get<uint64_t>();
  const auto* ub = b.get<uint64_t>();
  if (sa && ub)
    return *sa < 0 ? std::strong_ordering::less : static_cast<uint64_t>(*sa) <=> *ub;
  if (ua && sb)
    return *sb < 0 ? std::strong_ordering::greater : *ua <=> static_cast<uint64_t>(*sb);
  return std::nullopt;
}

/// Of values of one kind that is not basic.
std::variant<bool, std::string> equals_whole(const value& a, const value& b) {
  if (a.is_none() || b.is_none())
    return a.is_none() == b.is_none();
  if (a.held.index() != b.held.index())
    return "non-comparable types " + shown_value(a) + ": " + std::string{a.type} + ", " + std::string{b.type} + ": " +
           shown_value(b);
  if (const auto* host = a.get<const object*>())
    return *host == *b.get<const object*>();
  return "non-comparable type " + shown_value(b) + ": " + std::string{b.type};
}

size_t effort(const value& a, const value& b) noexcept {
  const auto* s = a.get<std::string_view>();
  const auto* t = b.get<std::string_view>();
  return s && t ? std::min(s->size(), t->size()) / 64 : 0;
}

std::variant<bool, std::string> equals_one(const value& a, const value& b) {
  if (is_basic(a) && a.held.index() == b.held.index()) {
    if (const auto* s = a.get<std::string_view>())
      return *s == *b.get<std::string_view>();
    if (const auto* n = a.get<int64_t>())
      return *n == *b.get<int64_t>();
    if (const auto* n = a.get<uint64_t>())
      return *n == *b.get<uint64_t>();
    if (const auto* d = a.get<double>())
      return *d == *b.get<double>();
    return *a.get<bool>() == *b.get<bool>();
  }
  if (!is_basic(a) && !is_basic(b))
    return equals_whole(a, b);
  if (const auto order = mixed_order(a, b))
    return *order == 0;
  if (a.is_none() || b.is_none())
    return false;
  return incompatible(a, b);
}

} // namespace

std::variant<bool, std::string> equals(const value& first, std::span<const value> others, workspace& work) {
  if (others.empty())
    return "missing argument for comparison";
  for (const value& other : others) {
    work.step(effort(first, other));
    auto same = equals_one(first, other);
    if (same.index() != 0 || std::get<bool>(same))
      return same;
  }
  return false;
}

std::variant<bool, std::string> less(const value& a, const value& b, workspace& work) {
  if (!is_basic(a) || !is_basic(b))
    return bad_type;
  work.step(effort(a, b));
  if (a.held.index() != b.held.index()) {
    const auto order = mixed_order(a, b);
    return order ? std::variant<bool, std::string>{*order < 0} : incompatible(a, b);
  }
  if (const auto* s = a.get<std::string_view>())
    return *s < *b.get<std::string_view>();
  if (const auto* n = a.get<int64_t>())
    return *n < *b.get<int64_t>();
  if (const auto* n = a.get<uint64_t>())
    return *n < *b.get<uint64_t>();
  if (const auto* d = a.get<double>())
    return *d < *b.get<double>();
  return bad_type;
}

} // namespace troupe::templates
