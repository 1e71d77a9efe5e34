// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace re2 {
class RE2;
}

/// The part of expr-lang's expressions that CoreDNS's `view` is written in.
namespace troupe::expressions {

inline constexpr size_t max_expression_octets = 16'384;
inline constexpr size_t max_depth = 100;     ///< of parentheses, operators and calls in each other
inline constexpr size_t max_height = 400;    ///< of what is read: `a + b + c + …` is as high as it has signs
inline constexpr size_t max_copied = 10'000; ///< parts that `1 < x < 5` and `a ?: b` repeat
inline constexpr size_t max_range = 10'000;  ///< items of `1..n`
inline constexpr size_t max_pattern = 1'000; ///< octets of an expression behind `matches` that is no constant

struct value;
using value_list = std::vector<value>;

/// Monostate: nil.
struct value {
  std::variant<std::monostate, bool, int64_t, double, std::string, std::shared_ptr<const value_list>> held;

  template <class T>
  const T* get() const noexcept {
    return std::get_if<T>(&held);
  }
};

enum class type : uint8_t { any, nil, boolean, integer, floating, text, list };

/// A function of the host's: `incidr(string, string) bool`.
struct host_function {
  std::string_view name;
  std::vector<type> parameters;
  type result = type::any;
};

/// What an expression may use. Outlives what is compiled with it.
struct surroundings {
  std::vector<host_function> functions;
  std::string (*regexp)(std::string_view);             ///< makes RE2's expressions of Go's
  std::string (*regexp_error)(const re2::RE2& broken); ///< in Go's words
};

/// Who answers calls while an expression runs.
class host {
public:
  virtual ~host() = default;
  /// Of surroundings::functions; arguments have the types that it says. A text is why it fails.
  virtual std::variant<value, std::string> call(size_t function, std::span<const value> arguments) = 0;
};

struct tree;

/// An expression, compiled: names and types have been checked. Immutable, any thread.
class expression {
public:
  /// Or an error in expr's words, with its place: `unknown name foo (1:1)`, then the line and a mark below it.
  static std::variant<expression, std::string> compile(std::string_view source, const surroundings& known);

  struct failure {
    std::string words;
  };

  /// Linear in expression and values but for `in` and ranges, which are bounded; never throws for what values are.
  std::variant<value, failure> run(host& calls) const;

  type result() const noexcept;

private:
  explicit expression(std::shared_ptr<const tree> root, const surroundings& known)
    : root_(std::move(root)), known_(&known) {}

  std::shared_ptr<const tree> root_;
  const surroundings* known_;
};

} // namespace troupe::expressions
