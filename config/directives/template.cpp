// SPDX-License-Identifier: Apache-2.0
#include "config/directives/template.hpp"

#include "config/dispenser.hpp"
#include "config/go_regexp.hpp"
#include "config/go_regexp_error.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"
#include "net/dns/text.hpp"
#include "net/template/functions.hpp"
#include "net/template/literals.hpp"
#include "net/template/text_template.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <map>

namespace troupe::config {

namespace {

struct number_word {
  std::string_view word;
  uint16_t number;
};

constexpr number_word template_classes[] = {{"IN", 1}, {"CS", 2}, {"CH", 3}, {"HS", 4}, {"NONE", 254}, {"ANY", 255}};

/// Types that miekg/dns has a word for beside those that we know.
constexpr number_word rare_types[] = {
  {"None", 0},     {"NSAP-PTR", 23}, {"GPOS", 27},      {"EID", 31},      {"NIMLOC", 32}, {"ATMA", 34},
  {"NINFO", 56},   {"RKEY", 57},     {"TALINK", 58},    {"UINFO", 100},   {"UID", 101},   {"GID", 102},
  {"UNSPEC", 103}, {"NXNAME", 128},  {"AMTRELAY", 260}, {"RESINFO", 261}, {"TA", 32768},  {"Reserved", 65535},
};

constexpr number_word template_codes[] = {
  {"NOERROR", 0},    {"FORMERR", 1},   {"SERVFAIL", 2},   {"NXDOMAIN", 3}, {"NOTIMP", 4},   {"NOTIMPL", 4},
  {"REFUSED", 5},    {"YXDOMAIN", 6},  {"YXRRSET", 7},    {"NXRRSET", 8},  {"NOTAUTH", 9},  {"NOTZONE", 10},
  {"DSOTYPENI", 11}, {"BADSIG", 16},   {"BADKEY", 17},    {"BADTIME", 18}, {"BADMODE", 19}, {"BADNAME", 20},
  {"BADALG", 21},    {"BADTRUNC", 22}, {"BADCOOKIE", 23},
};

template <size_t N>
std::optional<uint16_t> number_of(const number_word (&table)[N], std::string_view word) {
  const auto* found = std::ranges::find(table, word, &number_word::word);
  return found == std::end(table) ? std::nullopt : std::optional{found->number};
}

/// Capitals only, and no `TYPE666`.
std::optional<uint16_t> type_of_word(const std::string& word) {
  if (auto rare = number_of(rare_types, word))
    return rare;
  const auto known = dns::type_from_text(word);
  return known && dns::type_mnemonic(*known) == word ? known : std::nullopt;
}

/// `0`, `1`, … and the names that groups have, which win.
std::vector<std::pair<std::string, size_t>> groups_of(const re2::RE2& expression) {
  std::map<std::string, size_t> all;
  for (int i = 0; i <= expression.NumberOfCapturingGroups(); ++i)
    all[std::to_string(i)] = static_cast<size_t>(i);
  for (const auto& [number, name] : expression.CapturingGroupNames())
    all[name] = static_cast<size_t>(number);
  return {all.begin(), all.end()};
}

template_match compiled(const std::string& text) {
  template_match out;
  out.text = text;
  auto made = std::make_shared<const re2::RE2>(re2_of(text), re2::RE2::Quiet);
  if (made->ok())
    out.groups = groups_of(*made);
  out.expression = std::move(made);
  return out;
}

failure parse_match(dispenser& in, template_options& options) {
  const auto args = in.arguments();
  if (args.empty())
    return in.argument_error();
  for (const auto& word : args) {
    if (word.size() > max_template_regexp_octets)
      return in.error("regex pattern too long: " + std::to_string(word.size()) + " > " +
                      std::to_string(max_template_regexp_octets));
    options.match.push_back(compiled(word));
    const re2::RE2& made = *options.match.back().expression;
    if (!made.ok())
      return in.error("could not parse regex: " + word + ", " + go_error_text(made));
  }
  return std::nullopt;
}

failure parse_records(dispenser& in, const std::string& section, template_options::list& out) {
  const auto args = in.arguments();
  if (args.empty())
    return in.argument_error();
  for (const auto& word : args) {
    auto read = templates::text_template::read(section, word, templates::coredns_functions());
    if (const auto* bad = std::get_if<std::string>(&read))
      return in.error("could not compile template: " + in.word() + ", " + *bad);
    out.push_back(
      std::make_shared<const templates::text_template>(std::get<templates::text_template>(std::move(read))));
  }
  return std::nullopt;
}

failure parse_code(dispenser& in, template_options& options) {
  const auto word = in.argument();
  if (!word)
    return in.argument_error();
  const auto code = number_of(template_codes, *word);
  if (!code)
    return in.error("unknown rcode " + *word);
  options.code = static_cast<dns::rcode>(*code);
  return std::nullopt;
}

failure parse_reason(dispenser& in, template_options& options) {
  const auto args = in.arguments();
  if (args.size() != 1 && args.size() != 2)
    return in.argument_error();
  const auto code = templates::parse_natural(args[0], 10, 16);
  if (const auto* bad = std::get_if<std::string>(&code))
    return in.error("error parsing extended DNS error code " + in.word() + ", " + *bad);
  options.reason = {static_cast<uint16_t>(std::get<uint64_t>(code)), args.size() == 2 ? args[1] : ""};
  return std::nullopt;
}

failure parse_property(dispenser& in, setup& s, template_options& options) {
  const std::string property = in.word();
  if (property == "match")
    return parse_match(in, options);
  if (property == "answer")
    return parse_records(in, property, options.answer);
  if (property == "additional")
    return parse_records(in, property, options.additional);
  if (property == "authority")
    return parse_records(in, property, options.authority);
  if (property == "rcode")
    return parse_code(in, options);
  if (property == "ederror") {
    s.warnings.push_back(in.at().file + ":" + std::to_string(in.at().line) +
                         " - template: the extended error of 'ederror' is not sent yet");
    return parse_reason(in, options);
  }
  if (property == "fallthrough") {
    const auto words = in.arguments();
    options.fallthrough = zone_index{words.empty() ? std::vector{dns::name{}} : named_zones(words)};
    return std::nullopt;
  }
  if (property != "upstream")
    return in.argument_error();
  in.arguments(); // of old Corefiles: it is always there
  return std::nullopt;
}

} // namespace

std::string template_type_text(uint16_t type) {
  const auto* rare = std::ranges::find(rare_types, type, &number_word::number);
  return std::string{rare == std::end(rare_types) ? dns::type_mnemonic(type) : rare->word};
}

failure parse_template(dispenser& in, setup& s) {
  template_options options;
  options.at = in.at();
  const auto class_word = in.argument();
  if (!class_word)
    return in.argument_error();
  const auto rrclass = number_of(template_classes, *class_word);
  if (!rrclass)
    return in.error("invalid query class " + *class_word);
  const auto type_word = in.argument();
  if (!type_word)
    return in.argument_error();
  const auto type = type_of_word(*type_word);
  if (!type)
    return in.error("invalid RR class " + *type_word);
  options.rrclass = *rrclass;
  options.type = *type;
  options.class_text = *class_word;
  options.type_text = *type_word;
  const auto words = in.arguments();
  const auto zones = words.empty() ? s.block.zones : named_zones(words);
  options.zones = zone_index{zones};
  for (const auto& zone : zones)
    options.zone_text.push_back(zone.lowered().to_text());
  while (in.next_property())
    if (auto bad = parse_property(in, s, options))
      return bad;
  if (options.match.empty())
    options.match.push_back(compiled(".*"));
  s.block.own<template_list>("template").push_back(std::move(options));
  return std::nullopt;
}

} // namespace troupe::config
