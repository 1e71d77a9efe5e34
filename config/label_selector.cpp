// SPDX-License-Identifier: Apache-2.0
#include "config/label_selector.hpp"

#include "config/dispenser.hpp"
#include "config/label_tokens.hpp"

#include <charconv>
#include <optional>

namespace troupe::config {

namespace {

using kind = label_token::kind;
using operation = label_selector::requirement::operation;

std::string invalid(const std::string& path, std::string_view value, const std::string& why) {
  return path + ": Invalid value: " + quote(value) + ": " + why;
}

bool is_integer(std::string_view text) {
  if (text.starts_with('+'))
    text.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

/// One requirement as it stands there, with what CoreDNS then refuses.
struct parsed {
  label_selector::requirement r;
  kind op = kind::identifier; ///< of the binary operators; `identifier`: none
};

/// k8s.io/apimachinery/pkg/labels reads it this way; its order of checks decides which error is told.
class selector_parser {
public:
  explicit selector_parser(std::string_view text) : tokens_(split_selector(text)) {}

  std::variant<std::vector<parsed>, std::string> all() {
    std::vector<parsed> out;
    for (;;) {
      const kind first = peek();
      if (first == kind::end)
        return out;
      if (first != kind::identifier && first != kind::exclamation)
        return found() + ", expected: !, identifier, or 'end of string'";
      parsed next;
      if (auto bad = requirement(next))
        return "unable to parse requirement: " + *bad;
      out.push_back(std::move(next));
      if (peek() == kind::end)
        return out;
      if (peek() != kind::comma)
        return found() + ", expected: ',' or 'end of string'";
      ++at_;
      if (peek() != kind::identifier && peek() != kind::exclamation)
        return found() + ", expected: identifier after ','";
    }
  }

private:
  using problem = std::optional<std::string>;

  kind raw() const { return tokens_[at_].type; }
  /// Where no operator can stand, `in` and `notin` are words like others.
  kind peek() const { return raw() == kind::in || raw() == kind::not_in ? kind::identifier : raw(); }
  std::string found() const { return "found '" + tokens_[at_].text + "'"; }
  /// The end is never passed.
  std::string take() { return tokens_[raw() == kind::end ? at_ : at_++].text; }

  problem requirement(parsed& out) {
    if (peek() == kind::exclamation) {
      out.r.relation = operation::absent;
      ++at_;
    }
    if (peek() != kind::identifier)
      return found() + ", expected: identifier";
    out.r.key = take();
    if (auto bad = bad_label_key(out.r.key); !bad.empty())
      return invalid("<nil>", out.r.key, bad);
    if (out.r.relation == operation::absent)
      return std::nullopt;
    if (peek() == kind::end || peek() == kind::comma) {
      out.r.relation = operation::exists;
      return std::nullopt;
    }
    if (auto bad = binary(out))
      return bad;
    std::sort(out.r.values.begin(), out.r.values.end());
    out.r.values.erase(std::unique(out.r.values.begin(), out.r.values.end()), out.r.values.end());
    return check_values(out);
  }

  problem binary(parsed& out) {
    out.op = raw();
    switch (out.op) {
    case kind::in:
    case kind::not_in:
      ++at_;
      out.r.relation = out.op == kind::in ? operation::in : operation::not_in;
      return set(out.r.values);
    case kind::equals:
    case kind::double_equals:
    case kind::not_equals:
    case kind::greater:
    case kind::less:
      ++at_;
      return one(out.r.values);
    default:
      return found() + ", expected: in, notin, =, ==, !=, gt, lt";
    }
  }

  problem one(std::vector<std::string>& values) {
    if (peek() == kind::end || peek() == kind::comma)
      values.emplace_back();
    else if (peek() == kind::identifier)
      values.push_back(take());
    else
      return found() + ", expected: identifier";
    return std::nullopt;
  }

  /// `(a,,b)`, `()` too: nothing between two marks is the empty value.
  problem set(std::vector<std::string>& values) {
    if (peek() != kind::open)
      return found() + " expected: '('";
    ++at_;
    if (peek() != kind::identifier && peek() != kind::comma && peek() != kind::closed)
      return found() + ", expected: ',', ')' or identifier";
    if (peek() == kind::closed) { // `()`
      values.emplace_back();
      ++at_;
      return std::nullopt;
    }
    while (peek() != kind::closed)
      if (auto bad = peek() == kind::comma ? nothing_between(values) : word_of_set(values))
        return bad;
    ++at_;
    return std::nullopt;
  }

  problem word_of_set(std::vector<std::string>& values) {
    if (peek() != kind::identifier)
      return found() + ", expected: ',', or identifier";
    values.push_back(take());
    if (peek() != kind::comma && peek() != kind::closed)
      return found() + ", expected: ',' or ')'";
    return std::nullopt;
  }

  /// At a comma: the empty value stands before the first, after the last, and between two; but not between two and the
  /// end, which Kubernetes does not read.
  problem nothing_between(std::vector<std::string>& values) {
    ++at_;
    if (values.empty())
      values.emplace_back();
    if (peek() == kind::closed) {
      values.emplace_back();
    } else if (peek() == kind::comma) {
      ++at_;
      values.emplace_back();
      if (peek() == kind::closed)
        return found() + ", expected: ',', or identifier";
    }
    return std::nullopt;
  }

  problem check_values(const parsed& p) const {
    std::vector<std::string> bad;
    const bool number = p.op == kind::greater || p.op == kind::less;
    for (size_t i = 0; i < p.r.values.size(); ++i)
      if (number && !is_integer(p.r.values[i]))
        bad.push_back(invalid("values[" + std::to_string(i) + "]", p.r.values[i],
                              "for 'Gt', 'Lt' operators, the value must be an integer"));
    for (size_t i = 0; i < p.r.values.size(); ++i)
      if (auto why = bad_label_value(p.r.values[i]); !why.empty())
        bad.push_back(invalid("values[" + std::to_string(i) + "][" + p.r.key + "]", p.r.values[i], why));
    if (bad.empty())
      return std::nullopt;
    if (bad.size() == 1)
      return bad[0];
    std::string text;
    for (auto& each : bad)
      text += (text.empty() ? "[" : ", ") + each;
    return text + "]";
  }

  std::vector<label_token> tokens_;
  size_t at_ = 0;
};

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (size_t i = 0; i < values.size(); ++i)
    text += (i == 0 ? "" : ",") + values[i];
  return text;
}

bool has_one_value(const label_selector::requirement& r) {
  return r.relation == operation::in && r.values.size() == 1 && !r.values[0].empty();
}

/// `equality`: it may be written with `=`, of which the last counts where a key has several; of `in` all do.
std::string text_of(const label_selector::requirement& r, bool equality) {
  switch (r.relation) {
  case operation::exists:
    return r.key;
  case operation::absent:
    return "!" + r.key;
  case operation::not_in:
    return r.key + " notin (" + joined(r.values) + ")";
  case operation::in:
    break;
  }
  return equality ? r.key + "=" + r.values[0] : r.key + " in (" + joined(r.values) + ")";
}

} // namespace

std::variant<label_selector, std::string> label_selector::parse(std::string_view text) {
  auto read = selector_parser{text}.all();
  if (auto* bad = std::get_if<std::string>(&read))
    return "couldn't parse the selector string \"" + std::string{text} + "\": " + *bad;
  auto& found = std::get<0>(read);
  std::stable_sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.r.key < b.r.key; });
  label_selector out;
  for (size_t i = 0; i < found.size(); ++i) {
    parsed& p = found[i];
    if (p.op == kind::greater || p.op == kind::less)
      return std::string{p.op == kind::greater ? "\"gt\"" : "\"lt\""} + " isn't supported in label selectors";
    if (p.op == kind::not_equals)
      return std::string{"\"!=\" is not a valid label selector operator"};
    // CoreDNS keeps what is to be equal in a map: of two for one key the last counts.
    const auto is_equality = [](const parsed& q) { return q.op == kind::equals || q.op == kind::double_equals; };
    const bool overridden =
      is_equality(p) && std::any_of(found.begin() + static_cast<std::ptrdiff_t>(i) + 1, found.end(),
                                    [&](const parsed& q) { return is_equality(q) && q.r.key == p.r.key; });
    if (!overridden)
      out.all_.push_back(p.r);
  }
  return out;
}

std::string label_selector::text() const {
  std::vector<std::string> parts;
  for (auto& r : all_) {
    const auto rivals =
      std::ranges::count_if(all_, [&](auto& other) { return has_one_value(other) && other.key == r.key; });
    parts.push_back(text_of(r, has_one_value(r) && rivals == 1));
  }
  std::sort(parts.begin(), parts.end());
  return joined(parts);
}

} // namespace troupe::config
