// SPDX-License-Identifier: Apache-2.0
#include "config/directives/rewrite.hpp"

#include "config/directives/rewrite_words.hpp"
#include "config/dispenser.hpp"
#include "config/go_regexp.hpp"
#include "config/plan.hpp"
#include "net/dns/text.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace troupe::config {

namespace {

struct named_number {
  std::string_view text;
  uint16_t number;
};

/// Types that CoreDNS knows by name and dns::type_from_text does not.
constexpr named_number rarer_types[] = {{"NSAP-PTR", 23}, {"GPOS", 27},  {"EID", 31},       {"NIMLOC", 32},
                                        {"ATMA", 34},     {"NINFO", 56}, {"RKEY", 57},      {"TALINK", 58},
                                        {"UINFO", 100},   {"UID", 101},  {"GID", 102},      {"UNSPEC", 103},
                                        {"NXNAME", 128},  {"TA", 32768}, {"AMTRELAY", 260}, {"RESINFO", 261}};

constexpr named_number class_numbers[] = {{"IN", 1}, {"CS", 2}, {"CH", 3}, {"HS", 4}, {"NONE", 254}, {"ANY", 255}};

template <size_t N>
std::optional<uint16_t> number_of(const named_number (&table)[N], std::string_view text) {
  const auto found = std::find_if(std::begin(table), std::end(table), [&](auto& each) { return each.text == text; });
  return found == std::end(table) ? std::nullopt : std::optional{found->number};
}

std::optional<uint16_t> type_named(const std::string& upper) {
  if (const auto rare = number_of(rarer_types, upper))
    return rare;
  if (upper == "WKS" || upper.starts_with("TYPE")) // by name alone, and that one it has forgotten
    return std::nullopt;
  return dns::type_from_text(upper);
}

using maker = made_rule (*)(rule_words);

struct rule_kind {
  std::string_view name;
  maker make;
  bool of_two; ///< has exactly two words
};

constexpr rule_kind rule_kinds[] = {{"name", make_name_rule, false},  {"class", make_class_rule, true},
                                    {"type", make_type_rule, true},   {"edns0", make_option_rule, false},
                                    {"ttl", make_ttl_rule, false},    {"cname", make_cname_rule, false},
                                    {"rcode", make_rcode_rule, false}};

made_rule make_rule(const std::vector<std::string>& words) {
  if (words.empty())
    return "no rule type specified for rewrite";
  const std::string first = lower_case(words[0]);
  const bool has_mode = first == "continue" || first == "stop";
  if (has_mode && words.size() < 2)
    return first + " rule must begin with a rule type";
  const std::string type = has_mode ? lower_case(words[1]) : first;
  if (type == "answer")
    return "response rewrites must begin with a name rule";
  const auto kind =
    std::find_if(std::begin(rule_kinds), std::end(rule_kinds), [&](auto& each) { return each.name == type; });
  if (kind == std::end(rule_kinds))
    return "invalid rule type " + quote(words[0]);
  const rule_words rest = rule_words{words}.subspan(has_mode ? 2 : 1);
  if (kind->of_two && rest.size() != 2)
    return type + " rules must have exactly two arguments";
  auto made = kind->make(rest);
  if (auto* rule = std::get_if<rewrite::rule>(&made))
    rule->goes_on = first == "continue";
  return made;
}

} // namespace

made_rule make_type_rule(rule_words words) {
  uint16_t numbers[2];
  for (size_t i = 0; i < 2; ++i) {
    const std::string upper = in_upper_case(words[i]);
    const auto type = type_named(upper);
    if (!type)
      return "invalid type " + quote(upper);
    numbers[i] = *type;
  }
  return rewrite::rule{false, rewrite::type_rule{numbers[0], numbers[1]}};
}

made_rule make_class_rule(rule_words words) {
  uint16_t numbers[2];
  for (size_t i = 0; i < 2; ++i) {
    const std::string upper = in_upper_case(words[i]);
    const auto found = number_of(class_numbers, upper);
    if (!found)
      return "invalid class " + quote(upper);
    numbers[i] = *found;
  }
  return rewrite::rule{false, rewrite::class_rule{numbers[0], numbers[1]}};
}

std::string in_upper_case(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  return out;
}

std::string normal_text(std::string_view text) {
  std::string out = lower_case(std::string{text});
  size_t escapes = 0;
  if (out.ends_with('.'))
    while (escapes + 1 < out.size() && out[out.size() - 2 - escapes] == '\\')
      ++escapes;
  if (!out.ends_with('.') || escapes % 2 != 0) // an escaped dot ends nothing
    out += '.';
  return out;
}

std::optional<rewrite::matching> matching_from(const std::string& word) {
  constexpr std::pair<std::string_view, rewrite::matching> words[] = {{"exact", rewrite::matching::exact},
                                                                      {"prefix", rewrite::matching::prefix},
                                                                      {"suffix", rewrite::matching::suffix},
                                                                      {"substring", rewrite::matching::substring},
                                                                      {"regex", rewrite::matching::expression}};
  for (const auto& [text, how] : words)
    if (text == word)
      return how;
  return std::nullopt;
}

rewrite::expression_ptr expression_from(const std::string& text) {
  auto made = std::make_shared<const re2::RE2>(re2_of(text), re2::RE2::Quiet);
  return made->ok() ? made : nullptr;
}

/// Words in braces count where the line has fewer than two.
failure parse_rewrite(dispenser& in, setup& s) {
  const place at = in.at();
  auto words = in.arguments();
  if (words.size() < 2)
    while (in.next_property())
      words.push_back(in.word());
  auto made = in.has_more() ? made_rule{"no rule type specified for rewrite"} : make_rule(words);
  if (auto* problem = std::get_if<std::string>(&made))
    return error_at(at, *problem);
  s.block.own<rewrite_options>("rewrite").rules.push_back(std::get<rewrite::rule>(std::move(made)));
  return std::nullopt;
}

} // namespace troupe::config
