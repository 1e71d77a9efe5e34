// SPDX-License-Identifier: Apache-2.0
#include "net/expression/tree.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::expressions {

namespace {

struct sign_strength {
  std::string_view sign;
  int strength;
};

constexpr sign_strength unary_signs[] = {{"not", 50}, {"!", 50}, {"-", 90}, {"+", 90}};
constexpr sign_strength binary_signs[] = {
  {"or", 10},       {"||", 10},         {"and", 15},      {"&&", 15},  {"==", 20}, {"!=", 20},
  {"<", 20},        {">", 20},          {">=", 20},       {"<=", 20},  {"in", 20}, {"matches", 20},
  {"contains", 20}, {"startsWith", 20}, {"endsWith", 20}, {"..", 25},  {"+", 30},  {"-", 30},
  {"*", 60},        {"/", 60},          {"%", 60},        {"**", 100}, {"^", 100}, {"??", 500},
};
constexpr std::string_view can_be_negated[] = {"contains", "matches", "startsWith", "endsWith", "in"};
constexpr std::string_view orders[] = {"<", ">", ">=", "<="};

template <size_t N>
std::optional<int> strength_of(const sign_strength (&table)[N], const token& t) {
  const auto* found = std::ranges::find(table, std::string_view{t.text}, &sign_strength::sign);
  return t.kind != token_kind::sign || found == std::end(table) ? std::nullopt : std::optional{found->strength};
}

/// As expr's errors show a token: `Operator("==")`.
std::string shown(const token& t) {
  constexpr const char* kinds[] = {"EOF", "Identifier", "Number", "String", "Operator", "Bracket"};
  const std::string kind = kinds[static_cast<size_t>(t.kind)];
  if (t.text.empty())
    return kind;
  std::string quoted = "\"";
  for (const char c : t.text)
    quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
  return kind + "(" + quoted + "\")";
}

class expression_parser {
public:
  explicit expression_parser(std::vector<token> tokens) : tokens_(std::move(tokens)) {}

  std::variant<tree, error_at> run() {
    tree out = whole(0);
    if (!bad_ && current().kind != token_kind::end)
      unexpected(current());
    if (bad_)
      return *bad_;
    return out;
  }

private:
  const token& current() const noexcept { return tokens_[at_]; }
  void next() noexcept { at_ += at_ + 1 < tokens_.size() ? 1 : 0; }
  bool is(token_kind kind, std::string_view text) const noexcept {
    return current().kind == kind && current().text == text;
  }
  void fail(std::string words, uint32_t at) {
    if (!bad_)
      bad_ = error_at{std::move(words), at};
  }
  void unexpected(const token& t) { fail("unexpected token " + shown(t), t.at); }
  void expect(token_kind kind, std::string_view text) {
    if (is(kind, text))
      next();
    else
      unexpected(current());
  }

  static tree node(tree_kind kind, uint32_t at, std::string word = {}) {
    tree out;
    out.kind = kind;
    out.at = at;
    out.word = std::move(word);
    return out;
  }
  tree joined(const token& sign, tree left, tree right) {
    tree out = node(tree_kind::binary, sign.at, sign.text);
    out.parts.push_back(std::move(left));
    out.parts.push_back(std::move(right));
    return settled(std::move(out));
  }
  /// With its height, which is bounded: whoever walks the tree goes down by calls.
  tree settled(tree out) {
    for (const tree& part : out.parts)
      out.height = std::max(out.height, part.height + 1);
    if (out.height > max_height)
      fail("expression is nested deeper than " + std::to_string(max_height), out.at);
    return out;
  }
  static size_t size_of(const tree& t) {
    size_t sum = 1;
    for (const tree& part : t.parts)
      sum += size_of(part);
    return sum;
  }
  tree copied(const tree& from) {
    copied_ += size_of(from);
    if (copied_ <= max_copied)
      return from;
    fail("expression repeats more than " + std::to_string(max_copied) + " parts", from.at);
    return {};
  }

  tree whole(int strength) {
    if (bad_)
      return {};
    if (depth_ >= max_depth) {
      fail("expression is nested deeper than " + std::to_string(max_depth), current().at);
      return {};
    }
    ++depth_;
    tree left = primary();
    for (std::string before; !bad_ && current().kind == token_kind::sign;) {
      const size_t here = at_;
      const bool negated = current().text == "not";
      if (negated) {
        next();
        if (std::ranges::find(can_be_negated, std::string_view{current().text}) == std::end(can_be_negated)) {
          unexpected(current());
          break;
        }
      }
      const token sign = current();
      const auto binds = strength_of(binary_signs, sign);
      if (!binds || *binds < strength) {
        at_ = here;
        break;
      }
      next();
      if (before == "??" && sign.text != "??") {
        fail("Operator (" + sign.text +
               ") and coalesce expressions (?"
               "?) cannot be mixed. Wrap either by parentheses.",
             sign.at);
        break;
      }
      left = behind(sign, std::move(left), *binds);
      if (negated) {
        tree turned = node(tree_kind::unary, sign.at, "not");
        turned.parts.push_back(std::move(left));
        left = settled(std::move(turned));
      }
      before = sign.text;
    }
    if (strength == 0)
      left = conditional(std::move(left));
    --depth_;
    return left;
  }

  tree behind(const token& sign, tree left, int binds) {
    if (std::ranges::find(orders, std::string_view{sign.text}) != std::end(orders))
      return comparison(sign, std::move(left), binds);
    const bool to_the_right = sign.text == "**" || sign.text == "^";
    return joined(sign, std::move(left), whole(to_the_right ? binds : binds + 1));
  }

  /// `1 < x < 5` is `1 < x && x < 5`.
  tree comparison(token sign, tree left, int binds) {
    std::optional<tree> all;
    for (;;) {
      tree right = whole(binds + 1);
      tree one = joined(sign, std::move(left), copied(right));
      all = all ? joined({token_kind::sign, sign.at, "&&"}, std::move(*all), std::move(one)) : std::move(one);
      left = std::move(right);
      sign = current();
      if (bad_ || sign.kind != token_kind::sign ||
          std::ranges::find(orders, std::string_view{sign.text}) == std::end(orders))
        return std::move(*all);
      next();
    }
  }

  tree conditional(tree condition) {
    while (!bad_ && is(token_kind::sign, "?")) {
      next();
      tree out = node(tree_kind::conditional, current().at);
      if (is(token_kind::sign, ":")) { // `a ?: b`
        next();
        out.parts.push_back(copied(condition));
        out.parts.push_back(std::move(condition));
      } else {
        out.parts.push_back(std::move(condition));
        out.parts.push_back(whole(0));
        expect(token_kind::sign, ":");
      }
      out.parts.push_back(whole(0));
      condition = settled(std::move(out));
    }
    return condition;
  }

  tree primary() {
    const token first = current();
    if (const auto binds = strength_of(unary_signs, first)) {
      next();
      tree out = node(tree_kind::unary, first.at, first.text);
      out.parts.push_back(whole(*binds));
      return postfix(std::move(out));
    }
    if (is(token_kind::bracket, "(")) {
      next();
      tree inside = whole(0);
      expect(token_kind::bracket, ")");
      return postfix(std::move(inside));
    }
    if (first.kind == token_kind::sign && (first.text == "let" || first.text == "if" || first.text == "::"))
      fail("'" + first.text + "' is not built", first.at);
    return secondary(first);
  }

  tree secondary(const token& first) {
    tree out = node(tree_kind::constant, first.at);
    switch (first.kind) {
    case token_kind::name:
      next();
      if (first.text == "true" || first.text == "false") {
        out.constant = {first.text == "true"};
        return out;
      }
      if (first.text == "nil")
        return out;
      out.kind = is(token_kind::bracket, "(") ? tree_kind::call : tree_kind::name;
      out.word = first.text;
      if (out.kind == tree_kind::call)
        out.parts = items("(", ")");
      return postfix(std::move(out));
    case token_kind::number:
      next();
      number(first, out);
      return out;
    case token_kind::text:
      next();
      out.constant = {first.text};
      return postfix(std::move(out));
    default:
      break;
    }
    if (is(token_kind::bracket, "[")) {
      out.kind = tree_kind::list;
      out.parts = items("[", "]");
      return postfix(std::move(out));
    }
    if (is(token_kind::bracket, "{"))
      fail("maps are not built", first.at);
    unexpected(first);
    return out;
  }

  std::vector<tree> items(std::string_view open, std::string_view close) {
    std::vector<tree> out;
    expect(token_kind::bracket, open);
    while (!bad_ && !is(token_kind::bracket, close)) {
      if (!out.empty()) {
        expect(token_kind::sign, ",");
        if (is(token_kind::bracket, close))
          break;
      }
      out.push_back(whole(0));
    }
    expect(token_kind::bracket, close);
    return out;
  }

  void number(const token& word, tree& out) {
    std::string digits;
    for (const char c : word.text)
      if (c != '_')
        digits += c;
    const bool prefixed = digits.size() > 1 && digits[0] == '0' && !(digits[1] >= '0' && digits[1] <= '9') &&
                          std::string_view{".eE"}.find(digits[1]) == std::string_view::npos;
    const int base = !prefixed                              ? 10
                     : digits[1] == 'x' || digits[1] == 'X' ? 16
                     : digits[1] == 'o' || digits[1] == 'O' ? 8
                                                            : 2;
    const char* const begin = digits.data() + (prefixed ? 2 : 0);
    const char* const end = digits.data() + digits.size();
    if (!prefixed && digits.find_first_of(".eE") != digits.npos) {
      double d = 0;
      const auto read = std::from_chars(begin, end, d);
      if (read.ec != std::errc{} || read.ptr != end)
        return fail("invalid float literal: strconv.ParseFloat: parsing \"" + digits + "\": " + why(read.ec),
                    current().at);
      out.constant = {d};
      return;
    }
    int64_t n = 0;
    const auto read = std::from_chars(begin, end, n, base);
    if (read.ec != std::errc{} || read.ptr != end) {
      const char* const kind = base == 16 ? "hex" : base == 8 ? "octal" : base == 2 ? "binary" : "integer";
      return fail(std::string{"invalid "} + kind + " literal: strconv.ParseInt: parsing \"" + digits +
                    "\": " + why(read.ec),
                  current().at);
    }
    out.constant = {n};
  }

  static std::string why(std::errc code) {
    return code == std::errc::result_out_of_range ? "value out of range" : "invalid syntax";
  }

  /// `.name`, `[at]`, `[from:to]`.
  tree postfix(tree base) {
    base = settled(std::move(base));
    while (!bad_) {
      if (is(token_kind::sign, ".") || is(token_kind::sign, "?.")) {
        next();
        const token name = current();
        next();
        if (name.kind != token_kind::name) {
          fail("expected name", name.at);
          break;
        }
        tree out = node(tree_kind::member, name.at, name.text);
        out.parts.push_back(std::move(base));
        base = settled(std::move(out));
      } else if (is(token_kind::bracket, "[")) {
        base = settled(indexed(std::move(base)));
      } else {
        break;
      }
    }
    return base;
  }

  tree indexed(tree base) {
    const token open = current();
    next();
    tree out = node(tree_kind::slice, open.at);
    out.parts.push_back(std::move(base));
    const tree missing;
    out.parts.push_back(is(token_kind::sign, ":") ? missing : whole(0));
    if (is(token_kind::sign, ":")) {
      next();
      out.parts.push_back(is(token_kind::bracket, "]") ? missing : whole(0));
    } else {
      out.kind = tree_kind::member;
    }
    expect(token_kind::bracket, "]");
    return out;
  }

  std::vector<token> tokens_;
  std::optional<error_at> bad_;
  size_t at_ = 0, depth_ = 0, copied_ = 0;
};

} // namespace

std::variant<tree, error_at> parse(std::string_view source) {
  auto tokens = lex(source);
  if (auto* bad = std::get_if<error_at>(&tokens))
    return std::move(*bad);
  return expression_parser{std::get<0>(std::move(tokens))}.run();
}

} // namespace troupe::expressions
