// SPDX-License-Identifier: Apache-2.0
// `name` of `rewrite`, with its answer rules.
#include "config/directives/rewrite_words.hpp"

#include <re2/re2.h>

namespace troupe::config {

namespace {

using rewrite::matching;

/// Numbers up to this one are looked for when groups are counted.
constexpr int most_group = 100;

struct checked_expression {
  rewrite::expression_ptr expression; ///< null: see `problem`
  std::string problem{};
};

/// How many different groups `to` speaks of.
int groups_used(const std::string& to) {
  int used = 0;
  for (int i = 0; i <= most_group; ++i)
    used += to.find("{" + std::to_string(i) + "}") != to.npos;
  return used;
}

checked_expression check_expression(const std::string& from, const std::string& to) {
  if (from.size() > rewrite::max_expression_octets)
    return {nullptr, "regex pattern too long: " + std::to_string(from.size()) + " > " +
                       std::to_string(rewrite::max_expression_octets)};
  auto expression = expression_from(from);
  if (!expression)
    return {nullptr, "invalid regex matching pattern: " + from};
  if (groups_used(to) > expression->NumberOfCapturingGroups())
    return {nullptr, "the rewrite regex pattern (" + to +
                       ") uses more subexpressions than its corresponding matching regex pattern (" + from + ")"};
  return {std::move(expression)};
}

/// What stands behind the two names of a rule: `answer auto`, `answer name FROM TO`, `answer value FROM TO`, where
/// `answer` need not be said again.
struct answer_words {
  bool automatic = false;
  size_t of_names = 0;
  rewrite::answer_edits edits{};
  std::string problem{};

  void read(const std::string& rule, rule_words words);

private:
  bool read_change(const std::string& kind, const std::string& rule, rule_words words);
};

void answer_words::read(const std::string& rule, rule_words words) {
  if (words.size() < 2) {
    problem = "invalid arguments for " + rule + " rule";
    return;
  }
  bool first = true;
  while (!words.empty()) {
    const bool said = words[0] == "answer";
    if (first && !said) {
      problem = "exceeded the number of arguments for a non-answer rule argument for " + rule + " rule";
      return;
    }
    words = words.subspan(said ? 1 : 0);
    if (words.empty()) {
      problem = "type missing for answer rule for " + rule + " rule";
      return;
    }
    const std::string kind = words[0];
    first = kind.empty();
    words = words.subspan(1);
    if (kind == "auto") {
      automatic = true;
      continue;
    }
    if (!read_change(kind, rule, words))
      return;
    words = words.subspan(2);
  }
  if (automatic && of_names > 0)
    problem = "auto name answer rule cannot be combined with explicit name anwer rules";
}

bool answer_words::read_change(const std::string& kind, const std::string& rule, rule_words words) {
  if (kind != "name" && kind != "value") {
    problem = "invalid type \"" + kind + "\" for answer rule for " + rule + " rule";
    return false;
  }
  const std::string where = kind + " answer rule for " + rule + " rule: ";
  if (words.size() < 2) {
    problem = where + "2 arguments required";
    return false;
  }
  auto checked = check_expression(words[0], words[1]);
  if (!checked.expression) {
    problem = where + checked.problem;
    return false;
  }
  const auto change = std::make_shared<const rewrite::name_change>(checked.expression, normal_text(words[1]));
  if (kind == "name") {
    ++of_names;
    edits.push_back(rewrite::owner_edit{change});
  } else {
    edits.push_back(rewrite::value_edit{change});
  }
  return true;
}

/// A suffix is put back by the change in the opposite direction, whatever the question was.
rewrite::name_rule suffix_rule(const std::string& from, const std::string& to, const answer_words& answers) {
  rewrite::name_rule out{{matching::suffix, from, to}};
  if (answers.automatic) {
    const auto back = std::make_shared<const rewrite::name_change>(matching::suffix, to, from);
    out.answers = {rewrite::owner_edit{back}, rewrite::value_edit{back}};
  }
  out.answers.insert(out.answers.end(), answers.edits.begin(), answers.edits.end());
  return out;
}

made_rule finished_name(rewrite::name_rule made) {
  return rewrite::rule{false, std::move(made)};
}

} // namespace

made_rule make_name_rule(rule_words words) {
  if (words.size() < 2)
    return "too few arguments for a name rule";
  const bool plain = words.size() == 2;
  const std::string kind = plain ? "exact" : lower_case(words[0]);
  const std::string &from = words[plain ? 0 : 1], &to = words[plain ? 1 : 2];
  const std::string normal_from = normal_text(from), normal_to = normal_text(to);
  answer_words answers;
  if (words.size() > 3)
    answers.read(kind, words.subspan(3));
  if (!answers.problem.empty())
    return answers.problem;
  const auto how = matching_from(kind);
  if (!how)
    return "name rule supports only exact, prefix, suffix, substring, and regex name matching, received: " + kind;
  if (*how == matching::suffix)
    return finished_name(suffix_rule(normal_from, normal_to, answers));
  if (*how == matching::expression) {
    auto checked = check_expression(from, to);
    if (!checked.expression)
      return checked.problem;
    return finished_name({{checked.expression, normal_to}, answers.automatic, answers.edits});
  }
  // CoreDNS holds the new name to be an expression here, and says so if it is none.
  if (*how == matching::exact)
    if (auto checked = check_expression(normal_to, normal_from); !checked.expression)
      return checked.problem;
  return finished_name({{*how, normal_from, normal_to}, *how == matching::exact || answers.automatic, answers.edits});
}

} // namespace troupe::config
