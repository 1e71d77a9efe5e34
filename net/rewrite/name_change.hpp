// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <memory>
#include <vector>

namespace re2 {
class RE2;
}

/// What `rewrite` does to questions and answers. No CAF, no sockets; nothing here throws for hostile names.
namespace troupe::rewrite {

/// Octets of a regular expression at most, as in CoreDNS.
inline constexpr size_t max_expression_octets = 10'000;

/// Of a changed name's text: no name has as much, so what is cut there is no name (255 octets, four for each at most).
inline constexpr size_t max_text_octets = 1'100;

using expression_ptr = std::shared_ptr<const re2::RE2>;

/// How a pattern is held against a name's text, which has its final dot.
enum class matching : uint8_t {
  exact,
  at_or_below, ///< the name itself, or one that ends in `.` and it
  prefix,
  suffix, ///< of the text: `a.org.` is one of `banana.org.`
  substring,
  expression
};

/// A lower-cased name on its way through the rules. Its text is made when the first of them needs it.
class asked_name {
public:
  /// `lowered`: whole, wire form; must live as long.
  explicit asked_name(dns::name_view lowered) noexcept : wire_(lowered) {}

  dns::name_view wire() const noexcept { return wire_; }
  const std::string& text() {
    if (text_.empty())
      text_ = dns::to_text(wire_);
    return text_;
  }

private:
  dns::name_view wire_;
  std::string text_;
};

/// Which names a rule is for. Immutable; any thread.
class name_pattern {
public:
  /// `text`: lower-cased, in the form that names have as text; not for `expression`.
  name_pattern(matching how, std::string text);
  explicit name_pattern(expression_ptr expression);

  /// Allocates nothing for plain names unless `how` is `substring` or `expression`.
  bool matches(asked_name& asked) const;
  bool matches(std::string_view text) const;

  matching how() const noexcept { return how_; }
  const std::string& text() const noexcept { return text_; }
  const re2::RE2& expression() const noexcept { return *expression_; }

private:
  void find_wire();
  bool ends_in_wire(dns::name_view asked) const noexcept;

  matching how_;
  std::string text_;
  expression_ptr expression_;
  /// What the octets of a name must be, begin with, or end in; empty: only its text tells.
  std::vector<uint8_t> wire_;
  size_t part_octets_ = 0; ///< of `wire_`, for `suffix`: in front, the end of a label
};

/// A change of names: for those that match. Immutable; any thread.
class name_change {
public:
  /// `to` takes the place of what matched.
  name_change(matching how, std::string from, std::string to);
  /// `to` is the whole new name; `{N}` in it is what group N of the expression caught. Unlike in CoreDNS, `{N}` in a
  /// client's name is nothing but text.
  name_change(expression_ptr expression, const std::string& to);

  const name_pattern& pattern() const noexcept { return pattern_; }

  /// The new text, at most max_text_octets of it, which need not be a name's; nothing if `text` does not match.
  std::optional<std::string> changed(std::string_view text) const;

private:
  struct piece {
    std::string text;
    int group = -1; ///< -1: `text` itself
  };

  std::string written(std::string_view text) const;

  name_pattern pattern_;
  std::string to_;
  std::vector<piece> pieces_; ///< of `to_`, for `expression`
  int groups_ = 0;            ///< that are wanted of the expression, the whole match included
};

} // namespace troupe::rewrite
