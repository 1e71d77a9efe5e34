// SPDX-License-Identifier: Apache-2.0
// `ttl`, `rcode` and `cname` of `rewrite`.
#include "config/directives/rewrite_words.hpp"
#include "config/go_regexp.hpp"

#include <re2/re2.h>

#include <charconv>

namespace troupe::config {

namespace {

using rewrite::matching;

constexpr uint32_t longest_ttl = 2147483647; ///< RFC 2181 section 8

/// Decimal digits alone.
std::optional<uint32_t> answer_number_from(std::string_view text) {
  uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
}

/// `N`, `LEAST-MOST`, `LEAST-` or `-MOST`.
std::optional<rewrite::ttl_edit> ttl_from(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash == text.npos) {
    const auto one = answer_number_from(text);
    return one ? std::optional{rewrite::ttl_edit{*one, *one}} : std::nullopt;
  }
  const std::string_view low = text.substr(0, dash), high = text.substr(dash + 1);
  const auto least = low.empty() ? std::optional<uint32_t>{0} : answer_number_from(low);
  const auto most = high.empty() ? std::optional{longest_ttl} : answer_number_from(high);
  if ((low.empty() && high.empty()) || !least || !most || *least > *most)
    return std::nullopt;
  return rewrite::ttl_edit{*least, *most};
}

/// The mnemonics that CoreDNS knows, or a number up to 23.
std::optional<uint16_t> code_from(const std::string& text) {
  constexpr std::pair<std::string_view, uint16_t> names[] = {
    {"NOERROR", 0},    {"FORMERR", 1},   {"SERVFAIL", 2},  {"NXDOMAIN", 3}, {"NOTIMP", 4},   {"NOTIMPL", 4},
    {"REFUSED", 5},    {"YXDOMAIN", 6},  {"YXRRSET", 7},   {"NXRRSET", 8},  {"NOTAUTH", 9},  {"NOTZONE", 10},
    {"DSOTYPENI", 11}, {"BADSIG", 16},   {"BADKEY", 17},   {"BADTIME", 18}, {"BADMODE", 19}, {"BADNAME", 20},
    {"BADALG", 21},    {"BADTRUNC", 22}, {"BADCOOKIE", 23}};
  constexpr uint32_t highest = 23;
  if (const auto number = answer_number_from(text); number && *number <= highest)
    return static_cast<uint16_t>(*number);
  const std::string upper = in_upper_case(text);
  for (const auto& [name, code] : names)
    if (name == upper)
      return code;
  return std::nullopt;
}

std::string too_long_expression(size_t octets, const char* rule) {
  return "regex pattern too long in a " + std::string{rule} + " rule: " + std::to_string(octets) + " > " +
         std::to_string(rewrite::max_expression_octets);
}

/// `words`: `[exact|prefix|…] NAME`, of a rule that only edits answers.
made_rule answer_rule_for(rule_words words, const std::string& rule, const rewrite::answer_edit& edit) {
  const auto finished = [&](rewrite::name_pattern names) {
    return rewrite::rule{false, rewrite::answer_rule{std::move(names), edit}};
  };
  if (words.size() == 1)
    return finished({matching::exact, normal_text(words[0])});
  const auto how = matching_from(lower_case(words[0]));
  if (!how)
    return rule + " rule supports only exact, prefix, suffix, substring, and regex name matching";
  if (*how != matching::expression)
    return finished({*how, normal_text(words[1])});
  if (words[1].size() > rewrite::max_expression_octets)
    return too_long_expression(words[1].size(), rule.c_str());
  auto expression = expression_from(words[1]);
  if (!expression)
    return "invalid regex pattern in a " + rule + " rule: " + words[1];
  return finished(rewrite::name_pattern{std::move(expression)});
}

} // namespace

made_rule make_ttl_rule(rule_words words) {
  if (words.size() < 2)
    return "too few (" + std::to_string(words.size()) + ") arguments for a ttl rule";
  const std::string text = words.size() > 3 ? "" : words.back(); // too many are said to be a wrong TTL
  const auto ttl = ttl_from(text);
  if (!ttl)
    return "invalid TTL '" + text + "' for a ttl rule";
  return answer_rule_for(words.first(words.size() - 1), "ttl", *ttl);
}

made_rule make_rcode_rule(rule_words words) {
  if (words.size() < 3)
    return "too few (" + std::to_string(words.size()) + ") arguments for a rcode rule";
  const bool too_many = words.size() > 4; // are said to be a wrong code
  const std::string from = too_many ? "" : words[words.size() - 2], to = too_many ? "" : words.back();
  const auto old_code = code_from(from), new_code = code_from(to);
  if (!old_code)
    return "invalid matching RCODE '" + from + "' for a rcode rule";
  if (!new_code)
    return "invalid replacement RCODE '" + to + "' for a rcode rule";
  return answer_rule_for(words.first(words.size() - 2), "rcode", rewrite::code_edit{*old_code, *new_code});
}

made_rule make_cname_rule(rule_words words) {
  if (words.size() != 2 && words.size() != 3)
    return "too few (" + std::to_string(words.size()) + ") arguments for a cname rule";
  const std::string kind = words.size() == 3 ? lower_case(words[0]) : "exact";
  const auto how = matching_from(kind);
  if (!how)
    return "unknown cname rewrite type: " + kind;
  const std::string from = lower_case(words[words.size() - 2]), to = lower_case(words.back());
  rewrite::change_ptr change;
  if (*how == matching::exact) {
    change = std::make_shared<const rewrite::name_change>(*how, normal_text(from), normal_text(to));
  } else if (*how != matching::expression) {
    change = std::make_shared<const rewrite::name_change>(*how, from, to);
  } else {
    if (from.size() > rewrite::max_expression_octets)
      return too_long_expression(from.size(), "cname");
    auto expression = std::make_shared<const re2::RE2>(re2_of(from), re2::RE2::Quiet);
    if (!expression->ok())
      return "invalid cname rewrite regex pattern: error parsing regexp: " + expression->error();
    change = std::make_shared<const rewrite::name_change>(std::move(expression), to);
  }
  if (from.empty() || to.empty()) // does nothing, and lets the next rule be looked at
    return rewrite::rule{false, rewrite::target_rule{}};
  return rewrite::rule{false, rewrite::target_rule{std::move(change)}};
}

} // namespace troupe::config
