// SPDX-License-Identifier: Apache-2.0
#include "net/expression/expression.hpp"

#include "net/expression/tree.hpp"

#include <algorithm>

namespace troupe::expressions {

namespace {

/// expr's way: words, place, the line, and a mark below.
std::string with_place(std::string_view source, const error_at& bad) {
  const std::string_view before = source.substr(0, bad.at);
  const size_t line_end = before.rfind('\n');
  const size_t begin = line_end == before.npos ? 0 : line_end + 1;
  const auto is_first = [](char c) { return (c & 0xc0) != 0x80; };
  const auto column = std::ranges::count_if(before.substr(begin), is_first);
  const auto line = 1 + std::ranges::count(before, '\n');
  std::string shown{source.substr(begin, source.find('\n', begin) - begin)};
  if (shown.empty())
    return bad.words;
  std::ranges::replace(shown, '\t', ' ');
  return bad.words + " (" + std::to_string(line) + ":" + std::to_string(column + 1) + ")\n | " + shown + "\n | " +
         std::string(static_cast<size_t>(column), '.') + "^";
}

} // namespace

std::variant<expression, std::string> expression::compile(std::string_view source, const surroundings& known) {
  if (source.size() > max_expression_octets)
    return "expression is longer than " + std::to_string(max_expression_octets) + " octets";
  auto read = parse(source);
  if (const auto* bad = std::get_if<error_at>(&read))
    return with_place(source, *bad);
  auto root = std::make_shared<tree>(std::get<tree>(std::move(read)));
  if (const auto bad = check(*root, known))
    return with_place(source, *bad);
  return expression{std::move(root), known};
}

std::variant<value, expression::failure> expression::run(host& calls) const {
  auto made = evaluate(*root_, *known_, calls);
  if (auto* bad = std::get_if<std::string>(&made))
    return failure{std::move(*bad)};
  return std::get<value>(std::move(made));
}

type expression::result() const noexcept {
  return root_->is;
}

} // namespace troupe::expressions
