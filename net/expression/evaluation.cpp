// SPDX-License-Identifier: Apache-2.0
#include "net/expression/tree.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace troupe::expressions {

namespace {

std::optional<double> number_in(const value& v) noexcept {
  if (const auto* n = v.get<int64_t>())
    return static_cast<double>(*n);
  if (const auto* d = v.get<double>())
    return *d;
  return std::nullopt;
}

const value_list* list_in(const value& v) noexcept {
  const auto* list = v.get<std::shared_ptr<const value_list>>();
  return list ? list->get() : nullptr;
}

bool same(const value& a, const value& b) {
  if (a.get<int64_t>() && b.get<int64_t>())
    return *a.get<int64_t>() == *b.get<int64_t>();
  if (const auto x = number_in(a), y = number_in(b); x || y)
    return x && y && *x == *y;
  if (const auto* x = list_in(a), *y = list_in(b); x || y)
    return x && y && std::ranges::equal(*x, *y, same);
  return a.held == b.held;
}

std::string changed_case(std::string s, char from, char to, int by) {
  for (char& c : s)
    c = c >= from && c <= to ? static_cast<char>(c + by) : c;
  return s;
}

/// Go has no exception for it: numbers go round.
int64_t wrapped(uint64_t n) noexcept {
  return static_cast<int64_t>(n);
}

class expression_runner {
public:
  expression_runner(const surroundings& known, host& calls) : known_(known), calls_(calls) {}

  std::variant<value, std::string> run(const tree& root) {
    value out = visit(root);
    if (!error_.empty())
      return std::move(error_);
    return out;
  }

private:
  value fail(std::string words) {
    if (error_.empty())
      error_ = std::move(words);
    return {};
  }
  bool failed() const noexcept { return !error_.empty(); }

  value visit(const tree& t) {
    if (failed())
      return {};
    switch (t.kind) {
    case tree_kind::constant:
      return t.constant;
    case tree_kind::list: {
      auto items = std::make_shared<value_list>();
      for (const tree& part : t.parts)
        items->push_back(visit(part));
      return {std::shared_ptr<const value_list>{std::move(items)}};
    }
    case tree_kind::call:
      return call(t);
    case tree_kind::unary:
      return unary(t, visit(t.parts[0]));
    case tree_kind::binary:
      return binary(t);
    case tree_kind::conditional: {
      const value condition = visit(t.parts[0]);
      const auto* yes = condition.get<bool>();
      return yes ? visit(t.parts[*yes ? 1 : 2]) : fail("a condition that is no bool");
    }
    case tree_kind::member:
      return member(visit(t.parts[0]), t.parts.size() > 1 ? visit(t.parts[1]) : value{});
    case tree_kind::slice:
      return slice(visit(t.parts[0]), visit(t.parts[1]), visit(t.parts[2]));
    case tree_kind::name:
      break;
    }
    return fail("a name without a value");
  }

  value call(const tree& t) {
    std::vector<value> arguments;
    for (const tree& part : t.parts)
      arguments.push_back(visit(part));
    if (failed())
      return {};
    if (!t.called)
      return builtin(t.word, arguments);
    auto made = calls_.call(*t.called, arguments);
    if (auto* bad = std::get_if<std::string>(&made))
      return fail(std::move(*bad));
    return std::get<value>(std::move(made));
  }

  value builtin(std::string_view name, const std::vector<value>& arguments) {
    const auto* s = arguments[0].get<std::string>();
    if (name == "len") {
      if (const auto* items = list_in(arguments[0]))
        return {static_cast<int64_t>(items->size())};
      return s ? value{std::ranges::count_if(*s, [](char c) { return (c & 0xc0) != 0x80; })}
               : fail("invalid argument for len");
    }
    if (name == "string")
      return s ? value{*s} : text_of_number(arguments[0]);
    if (name == "int")
      return whole_number(arguments[0]);
    if (!s)
      return fail("an argument that is no string");
    if (name == "lower")
      return {changed_case(*s, 'A', 'Z', 32)};
    if (name == "upper")
      return {changed_case(*s, 'a', 'z', -32)};
    if (name == "trim") {
      constexpr const char* blanks = " \t\r\n\v\f";
      const size_t begin = s->find_first_not_of(blanks);
      return begin == s->npos ? value{std::string{}} : value{s->substr(begin, s->find_last_not_of(blanks) - begin + 1)};
    }
    const auto* other = arguments[1].get<std::string>();
    if (!other)
      return fail("an argument that is no string");
    return {name == "hasPrefix" ? s->starts_with(*other) : s->ends_with(*other)};
  }

  value text_of_number(const value& v) {
    if (const auto* n = v.get<int64_t>())
      return {std::to_string(*n)};
    if (const auto* b = v.get<bool>())
      return {std::string{*b ? "true" : "false"}};
    return v.held.index() == 0 ? value{std::string{"<nil>"}} : fail("string() of floats and arrays is not built");
  }

  value whole_number(const value& v) {
    if (const auto* n = v.get<int64_t>())
      return {*n};
    if (const auto* d = v.get<double>(); d && *d > -0x1p63 && *d < 0x1p63)
      return {static_cast<int64_t>(*d)};
    int64_t n = 0;
    const auto* s = v.get<std::string>();
    const char* const end = s ? s->data() + s->size() : nullptr;
    const char* const begin = s ? s->data() + (s->starts_with('+') ? 1 : 0) : nullptr;
    if (!s || s->empty() || std::from_chars(begin, end, n).ec != std::errc{} ||
        std::from_chars(begin, end, n).ptr != end)
      return fail("invalid operation: int of what is no number");
    return {n};
  }

  value unary(const tree& t, const value& v) {
    if (t.word == "not" || t.word == "!") {
      const auto* b = v.get<bool>();
      return b ? value{!*b} : fail("not of what is no bool");
    }
    if (t.word == "+")
      return v;
    if (const auto* n = v.get<int64_t>())
      return {wrapped(0 - static_cast<uint64_t>(*n))};
    const auto* d = v.get<double>();
    return d ? value{-*d} : fail("- of what is no number");
  }

  value binary(const tree& t) {
    const std::string& sign = t.word;
    const value l = visit(t.parts[0]);
    if (failed())
      return {};
    if (sign == "and" || sign == "&&" || sign == "or" || sign == "||") {
      const auto* b = l.get<bool>();
      const bool decides = sign == "or" || sign == "||";
      if (!b)
        return fail(sign + " of what is no bool");
      return *b == decides ? l : visit(t.parts[1]);
    }
    if (sign == "??")
      return l.held.index() != 0 ? l : visit(t.parts[1]);
    const value r = visit(t.parts[1]);
    if (failed())
      return {};
    if (sign == "==" || sign == "!=")
      return {same(l, r) == (sign == "==")};
    if (sign == "in") {
      const auto* items = list_in(r);
      return items ? value{std::ranges::any_of(*items, [&](const value& item) { return same(l, item); })}
                   : fail("operator \"in\" not defined on what is no array");
    }
    const auto *a = l.get<std::string>(), *b = r.get<std::string>();
    if (a && b)
      return texts(t, *a, *b);
    return numbers(sign, l, r);
  }

  value texts(const tree& t, const std::string& a, const std::string& b) {
    const std::string& sign = t.word;
    if (sign == "contains")
      return {a.find(b) != a.npos};
    if (sign == "startsWith")
      return {a.starts_with(b)};
    if (sign == "endsWith")
      return {a.ends_with(b)};
    if (sign == "+")
      return {a + b};
    if (sign != "matches")
      return ordered(sign, a.compare(b));
    if (t.pattern)
      return {re2::RE2::PartialMatch(a, *t.pattern)};
    if (b.size() > max_pattern)
      return fail("regex pattern too long");
    const re2::RE2 pattern{known_.regexp(b), re2::RE2::Quiet};
    return pattern.ok() ? value{re2::RE2::PartialMatch(a, pattern)} : fail(known_.regexp_error(pattern));
  }

  value ordered(const std::string& sign, int order) {
    if (sign == "<")
      return {order < 0};
    if (sign == ">")
      return {order > 0};
    if (sign == "<=")
      return {order <= 0};
    return sign == ">=" ? value{order >= 0} : fail("invalid operation: " + sign);
  }

  value numbers(const std::string& sign, const value& l, const value& r) {
    const auto *n = l.get<int64_t>(), *m = r.get<int64_t>();
    if (n && m && sign != "/" && sign != "**" && sign != "^")
      return integers(sign, *n, *m);
    const auto x = number_in(l), y = number_in(r);
    if (!x || !y)
      return fail("invalid operation: " + sign);
    if (sign == "+")
      return {*x + *y};
    if (sign == "-")
      return {*x - *y};
    if (sign == "*")
      return {*x * *y};
    if (sign == "/")
      return {*x / *y};
    if (sign == "**" || sign == "^")
      return {std::pow(*x, *y)};
    if (std::isnan(*x) || std::isnan(*y))
      return {false};
    return ordered(sign, *x < *y ? -1 : *x > *y ? 1 : 0);
  }

  value integers(const std::string& sign, int64_t n, int64_t m) {
    const auto a = static_cast<uint64_t>(n), b = static_cast<uint64_t>(m);
    if (sign == "+")
      return {wrapped(a + b)};
    if (sign == "-")
      return {wrapped(a - b)};
    if (sign == "*")
      return {wrapped(a * b)};
    if (sign == "%")
      return m == 0 ? fail("integer divide by zero") : value{m == -1 ? int64_t{0} : n % m};
    if (sign == "..")
      return range(n, m);
    return ordered(sign, n < m ? -1 : n > m ? 1 : 0);
  }

  value range(int64_t from, int64_t to) {
    auto items = std::make_shared<value_list>();
    const uint64_t count = to < from ? 0 : static_cast<uint64_t>(to) - static_cast<uint64_t>(from) + 1;
    made_ += std::min<uint64_t>(count, max_range + 1);
    if (count > max_range || made_ > max_range || (to >= from && count == 0))
      return fail("memory budget exceeded");
    for (uint64_t i = 0; i < count; ++i)
      items->push_back({wrapped(static_cast<uint64_t>(from) + i)});
    return {std::shared_ptr<const value_list>{std::move(items)}};
  }

  value member(const value& base, const value& at) {
    const auto* items = list_in(base);
    const auto* n = at.get<int64_t>();
    if (!items || !n)
      return fail("cannot fetch from what is no array");
    const int64_t size = static_cast<int64_t>(items->size());
    const int64_t index = *n < 0 ? *n + size : *n;
    if (index < 0 || index >= size)
      return fail("index out of range: " + std::to_string(*n) + " (array length is " + std::to_string(size) + ")");
    return (*items)[static_cast<size_t>(index)];
  }

  value slice(const value& base, const value& from, const value& to) {
    const auto* s = base.get<std::string>();
    const auto* items = list_in(base);
    if (!s && !items)
      return fail("cannot slice what is no array or string");
    const auto size = static_cast<int64_t>(s ? s->size() : items->size());
    const auto bound = [&](const value& v, int64_t otherwise) {
      const auto* n = v.get<int64_t>();
      const int64_t at = !n ? otherwise : *n < 0 ? std::max<int64_t>(*n, -size) + size : *n;
      return static_cast<size_t>(std::clamp<int64_t>(at, 0, size));
    };
    const size_t end = bound(to, size), begin = std::min(bound(from, 0), end);
    if (s)
      return {s->substr(begin, end - begin)};
    return {std::make_shared<const value_list>(items->begin() + static_cast<std::ptrdiff_t>(begin),
                                               items->begin() + static_cast<std::ptrdiff_t>(end))};
  }

  const surroundings& known_;
  host& calls_;
  std::string error_;
  uint64_t made_ = 0; ///< items of ranges
};

} // namespace

std::variant<value, std::string> evaluate(const tree& root, const surroundings& known, host& calls) {
  return expression_runner{known, calls}.run(root);
}

} // namespace troupe::expressions
