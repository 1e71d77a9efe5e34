// SPDX-License-Identifier: Apache-2.0
#include "net/expression/tree.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace troupe::expressions {

namespace {

constexpr std::string_view built_functions[] = {"len",       "lower",     "upper", "trim",
                                                "hasPrefix", "hasSuffix", "int",   "string"};
constexpr std::string_view other_functions[] = {
  "all",       "none",          "any",      "one",      "filter",      "map",        "find",     "findIndex",
  "findLast",  "findLastIndex", "count",    "sum",      "groupBy",     "sortBy",     "reduce",   "abs",
  "ceil",      "floor",         "round",    "float",    "trimPrefix",  "trimSuffix", "split",    "splitAfter",
  "replace",   "repeat",        "join",     "indexOf",  "lastIndexOf", "max",        "min",      "mean",
  "median",    "toJSON",        "fromJSON", "toBase64", "fromBase64",  "now",        "duration", "date",
  "timezone",  "first",         "last",     "get",      "take",        "keys",       "values",   "toPairs",
  "fromPairs", "reverse",       "uniq",     "concat",   "flatten",     "sort",       "bitand",   "bitor",
  "bitxor",    "bitnand",       "bitnot",   "bitshl",   "bitshr",      "bitushr"};

std::string type_text(const tree& t) {
  switch (t.is) {
  case type::any:
  case type::nil:
    return "unknown";
  case type::boolean:
    return "bool";
  case type::integer:
    return "int";
  case type::floating:
    return "float64";
  case type::text:
    return "string";
  case type::list:
    break;
  }
  return "[]interface {}";
}

std::string parameter_text(type t) {
  tree shown;
  shown.is = t;
  return type_text(shown);
}

bool is_number(type t) noexcept {
  return t == type::integer || t == type::floating;
}

type of_constant(const value& v) noexcept {
  constexpr type by_index[] = {type::nil, type::boolean, type::integer, type::floating, type::text, type::list};
  return by_index[v.held.index()];
}

bool comparable(type a, type b) noexcept {
  return a == b || a == type::any || b == type::any || a == type::nil || b == type::nil ||
         (is_number(a) && is_number(b));
}

class expression_checker {
public:
  explicit expression_checker(const surroundings& known) : known_(known) {}

  std::optional<error_at> run(tree& root) {
    visit(root);
    return bad_;
  }

private:
  void fail(const tree& at, std::string words) {
    if (!bad_)
      bad_ = error_at{std::move(words), at.at};
  }

  void visit(tree& t) {
    if (t.kind == tree_kind::conditional)
      condition(t);
    if (t.kind != tree_kind::call)
      for (tree& part : t.parts)
        if (t.kind != tree_kind::conditional || &part != &t.parts[0])
          visit(part);
    switch (t.kind) {
    case tree_kind::constant:
      t.is = of_constant(t.constant);
      break;
    case tree_kind::list:
      t.is = type::list;
      t.items = t.parts.empty() ? type::any : t.parts[0].is;
      for (const tree& part : t.parts)
        t.items = part.is == t.items ? t.items : type::any;
      break;
    case tree_kind::name:
      name(t);
      break;
    case tree_kind::call:
      call(t);
      break;
    case tree_kind::unary:
      unary(t);
      break;
    case tree_kind::binary:
      binary(t);
      break;
    case tree_kind::conditional:
      conditional(t);
      break;
    case tree_kind::member:
    case tree_kind::slice:
      member(t);
      break;
    }
  }

  const host_function* find(std::string_view name) const {
    const auto found = std::ranges::find(known_.functions, name, &host_function::name);
    return found == known_.functions.end() ? nullptr : &*found;
  }

  void name(tree& t) {
    if (find(t.word) || is_builtin(t.word))
      fail(t, "'" + t.word + "' is a function: values that are functions are not built");
    else
      fail(t, "unknown name " + t.word);
  }

  void call(tree& t) {
    const host_function* const f = find(t.word);
    if (!f && !is_builtin(t.word))
      return fail(t, "unknown name " + t.word);
    if (!f && !is_built(t.word))
      return fail(t, "function '" + t.word + "' is not built");
    if (f)
      t.called = static_cast<size_t>(f - known_.functions.data());
    const std::vector<type> wanted = f ? f->parameters : parameters(t.word);
    if (t.parts.size() != wanted.size())
      fail(t, std::string{t.parts.size() > wanted.size() ? "too many" : "not enough"} + " arguments to call " + t.word);
    for (size_t i = 0; i < t.parts.size() && !bad_; ++i) {
      visit(t.parts[i]);
      argument(t.parts[i], wanted[i], t.word);
    }
    if (!f && t.word == "len" && !bad_)
      if (const type has = t.parts[0].is; has != type::list && has != type::text && has != type::any)
        fail(t, "invalid argument for len (type " + type_text(t.parts[0]) + ")");
    t.is = f ? f->result : result(t.word);
  }

  void argument(const tree& part, type wanted, const std::string& name) {
    if (part.is == type::nil && wanted != type::any)
      return fail(part, "cannot use nil as argument (type " + parameter_text(wanted) + ") to call " + name);
    const bool fits = wanted == type::any || part.is == type::any || part.is == wanted ||
                      (wanted == type::floating && part.is == type::integer);
    if (!fits)
      fail(part, "cannot use " + type_text(part) + " as argument (type " + parameter_text(wanted) + ") to call " +
                   name + " ");
  }

  static std::vector<type> parameters(std::string_view name) {
    if (name == "len" || name == "int" || name == "string")
      return {type::any};
    if (name == "hasPrefix" || name == "hasSuffix")
      return {type::text, type::text};
    return {type::text};
  }
  static type result(std::string_view name) {
    if (name == "len" || name == "int")
      return type::integer;
    return name == "hasPrefix" || name == "hasSuffix" ? type::boolean : type::text;
  }

  void unary(tree& t) {
    const type inside = t.parts[0].is;
    const bool turns = t.word == "not" || t.word == "!";
    t.is = turns ? type::boolean : inside;
    if (inside != type::any && (turns ? inside != type::boolean : !is_number(inside)))
      fail(t, "invalid operation: " + t.word + " (mismatched type " + type_text(t.parts[0]) + ")");
  }

  void binary(tree& t) {
    const tree &l = t.parts[0], &r = t.parts[1];
    const std::string& sign = t.word;
    const auto each = [&](auto&& fits) {
      return (l.is == type::any || fits(l.is)) && (r.is == type::any || fits(r.is));
    };
    const auto is_a = [](type wanted) { return [wanted](type t) { return t == wanted; }; };
    const bool open = l.is == type::any || r.is == type::any;
    bool fits = false;
    t.is = type::boolean;
    if (sign == "==" || sign == "!=") {
      fits = comparable(l.is, r.is);
    } else if (sign == "and" || sign == "&&" || sign == "or" || sign == "||") {
      fits = each(is_a(type::boolean));
    } else if (sign == "<" || sign == ">" || sign == "<=" || sign == ">=") {
      fits = each(is_number) || each(is_a(type::text));
    } else if (sign == "in") {
      return check_in(t);
    } else if (sign == "contains" || sign == "startsWith" || sign == "endsWith" || sign == "matches") {
      fits = each(is_a(type::text));
      if (sign == "matches")
        pattern(t);
    } else if (sign == "..") {
      fits = each(is_a(type::integer));
      t.is = type::list;
      t.items = type::integer;
    } else if (sign == "??") {
      t.is = l.is == type::nil ? r.is : r.is == type::nil || r.is == l.is ? l.is : type::any;
      return;
    } else if (sign == "%") {
      fits = each(is_a(type::integer));
      t.is = type::integer;
    } else if (sign == "/" || sign == "**" || sign == "^") {
      fits = each(is_number);
      t.is = type::floating;
    } else {
      fits = each(is_number) || (sign == "+" && each(is_a(type::text)));
      t.is = open ? type::any : l.is == type::text ? type::text : l.is == r.is ? l.is : type::floating;
    }
    if (!fits)
      mismatch(t);
  }

  void mismatch(const tree& t) {
    fail(t, "invalid operation: " + t.word + " (mismatched types " + type_text(t.parts[0]) + " and " +
              type_text(t.parts[1]) + ")");
  }

  void check_in(const tree& t) {
    const tree &l = t.parts[0], &r = t.parts[1];
    if (r.is == type::list) {
      if (!comparable(l.is, r.items))
        fail(t, "cannot use " + type_text(l) + " as type " + parameter_text(r.items) + " in array");
    } else if (r.is != type::any && !(l.is == type::any && r.is == type::text)) {
      mismatch(t);
    }
  }

  void pattern(tree& t) {
    const auto* text = t.parts[1].constant.get<std::string>();
    if (t.parts[1].kind != tree_kind::constant || !text)
      return;
    auto made = std::make_shared<const re2::RE2>(known_.regexp(*text), re2::RE2::Quiet);
    if (!made->ok())
      return fail(t, known_.regexp_error(*made));
    t.pattern = std::move(made);
  }

  /// Before what it decides on.
  void condition(tree& t) {
    tree& decides = t.parts[0];
    visit(decides);
    if (decides.is != type::boolean && decides.is != type::any)
      fail(decides, "non-bool expression (type " + type_text(decides) + ") used as condition");
  }

  void conditional(tree& t) {
    const tree &yes = t.parts[1], &no = t.parts[2];
    t.is = yes.is == type::nil ? no.is : no.is == type::nil || yes.is == no.is ? yes.is : type::any;
    t.items = yes.items == no.items ? yes.items : type::any;
  }

  void member(tree& t) {
    const tree& base = t.parts[0];
    if (!t.word.empty()) {
      if (base.is != type::any)
        fail(t, "type " + type_text(base) + " has no field " + t.word);
      return;
    }
    if (base.is != type::list && base.is != type::any && !(t.kind == tree_kind::slice && base.is == type::text))
      return fail(t, t.kind == tree_kind::slice
                       ? "cannot slice " + type_text(base)
                       : "type " + type_text(base) + "[" + type_text(t.parts[1]) + "] is undefined");
    for (size_t i = 1; i < t.parts.size(); ++i)
      if (const type at = t.parts[i].is; at != type::integer && at != type::any && at != type::nil)
        return fail(t.parts[i],
                    t.kind == tree_kind::slice
                      ? "non-integer slice index " + type_text(t.parts[i])
                      : "array elements can only be selected using an integer (got " + type_text(t.parts[i]) + ")");
    t.is = t.kind == tree_kind::slice ? base.is : base.items;
    t.items = t.kind == tree_kind::slice ? base.items : type::any;
  }

  const surroundings& known_;
  std::optional<error_at> bad_;
};

} // namespace

bool is_built(std::string_view name) noexcept {
  return std::ranges::find(built_functions, name) != std::end(built_functions);
}

bool is_builtin(std::string_view name) noexcept {
  return is_built(name) || std::ranges::find(other_functions, name) != std::end(other_functions);
}

std::optional<error_at> check(tree& root, const surroundings& known) {
  return expression_checker{known}.run(root);
}

} // namespace troupe::expressions
