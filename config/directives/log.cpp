// SPDX-License-Identifier: Apache-2.0
#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

namespace {

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

std::optional<uint8_t> class_of(const std::string& word) {
  if (word == "success")
    return log_class::success;
  if (word == "denial")
    return log_class::denial;
  if (word == "error")
    return log_class::error;
  if (word == "all")
    return log_class::all;
  return std::nullopt;
}

/// `class` lines; none means all.
failure parse_classes(dispenser& in, uint8_t& classes) {
  classes = 0;
  while (in.next_property()) {
    if (in.word() != "class")
      return in.unknown_property();
    const auto args = in.arguments();
    if (args.empty())
      return in.argument_error();
    for (const auto& word : args) {
      auto found = class_of(word);
      if (!found)
        return in.error("invalid Class: " + word);
      classes |= *found;
    }
  }
  if (classes == 0)
    classes = log_class::all;
  return std::nullopt;
}

} // namespace

failure parse_log(dispenser& in, setup& s) {
  log_options::rule rule;
  auto names = in.arguments();
  // A format is known by a brace in the last word, if there is a name before it: CoreDNS takes a lone word for a name.
  if (names.size() > 1 && names.back().find('{') != std::string::npos) {
    rule.format = names.back();
    replace_all(rule.format, "{common}", common_log_format);
    replace_all(rule.format, "{combined}", combined_log_format);
    names.pop_back();
  }
  if (names.empty())
    names.push_back(".");
  std::vector<log_options::rule> rules;
  for (const auto& text : names) {
    if (text.find('{') != std::string::npos)
      s.warnings.push_back(
        in.error("log takes " + quote(text) + " for a name; a format needs a name before it").text());
    auto name = dns::name::from_text(text);
    if (!name)
      return in.error("zone is not a valid domain name: " + text);
    rule.scope = name->lowered();
    rules.push_back(rule);
  }
  uint8_t classes = 0;
  if (auto bad = parse_classes(in, classes))
    return bad;
  if (!s.block.log)
    s.block.log.emplace();
  for (auto& made : rules) {
    made.classes = classes;
    s.block.log->rules.push_back(std::move(made));
  }
  return std::nullopt;
}

} // namespace troupe::config
