// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/template/limits.hpp"

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace troupe::templates {

struct value;
struct map_entry;
class object;

struct value_list {
  const value* items = nullptr;
  size_t size = 0;
};

/// Keys are texts, in ascending order, none twice.
struct value_map {
  const map_entry* entries = nullptr;
  size_t size = 0;
};

/// A value as Go's reflect sees it; monostate: none (an invalid one, a nil). Nothing is owned: texts, lists and objects
/// are the host's or the workspace's and live as long as the execution.
struct value {
  std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string_view, value_list, value_map, const object*>
    held;
  std::string_view type; ///< Go's name of the type (`int`, `uint16`, `[]string`), static

  bool is_none() const noexcept { return held.index() == 0; }
  template <class T>
  const T* get() const noexcept {
    return std::get_if<T>(&held);
  }
};

struct map_entry {
  std::string_view key;
  value item;
};

inline value none() noexcept {
  return {};
}
inline value boolean(bool b) noexcept {
  return {b, "bool"};
}
inline value integer(int64_t n, std::string_view type = "int") noexcept {
  return {n, type};
}
inline value natural(uint64_t n, std::string_view type = "uint64") noexcept {
  return {n, type};
}
inline value floating(double d) noexcept {
  return {d, "float64"};
}
inline value text(std::string_view s) noexcept {
  return {s, "string"};
}
inline value texts(std::span<const value> items) noexcept {
  return {value_list{items.data(), items.size()}, "[]string"};
}
inline value text_map(std::span<const map_entry> sorted) noexcept {
  return {value_map{sorted.data(), sorted.size()}, "map[string]string"};
}

/// Go's idea of what `if` takes for true.
bool truth(const value& v) noexcept;

/// The entry of `key`, null if there is none.
const value* find(const value_map& map, std::string_view key) noexcept;

/// What one execution has made and may still make.
class workspace {
public:
  /// False, and for ever: the execution has cost too much.
  bool step(size_t count = 1) noexcept {
    steps_ = steps_ < count ? 0 : steps_ - count;
    return steps_ != 0;
  }
  /// Octets that may still be made.
  size_t room() const noexcept { return octets_; }
  bool exhausted() const noexcept { return steps_ == 0 || octets_ == 0; }
  void made(size_t octets) noexcept { octets_ = octets_ < octets ? 0 : octets_ - octets; }
  /// Keeps a text as long as the workspace lives, and counts it.
  std::string_view keep(std::string made_text) {
    made(made_text.size() + 1);
    return kept_.emplace_back(std::move(made_text));
  }

private:
  size_t steps_ = max_steps + 1;
  size_t octets_ = max_made_octets + 1;
  std::deque<std::string> kept_;
};

/// A value, or in Go's words why there is none.
using outcome = std::variant<value, std::string>;

/// What a parameter takes: any value, none included (Go's reflect.Value); any, where none is `<nil>` (interface{}); a
/// `string`; an `int`.
enum class parameter : uint8_t { anything, interface, text, integer };

/// How a call works: the language's own may leave arguments out.
enum class call_form : uint8_t { plain, first_false, first_true, of_value };

/// A function of the language or of the host, or a method of an object.
struct function {
  std::string_view name;
  std::span<const parameter> fixed;
  std::optional<parameter> variadic; ///< of each argument behind the fixed ones
  /// Arguments are as many and of such types as said. `self` is null but for methods.
  outcome (*call)(const object* self, std::span<const value> arguments, workspace& work);
  call_form form = call_form::plain;
};

/// A struct of the host's. Thread: that of the execution.
class object {
public:
  virtual ~object() = default;
  virtual std::string_view type() const noexcept = 0; ///< Go's name: `*dns.Question`; static
  virtual std::optional<value> field(std::string_view name, workspace& work) const = 0;
  virtual const function* method(std::string_view) const noexcept { return nullptr; }
  virtual std::string text() const = 0; ///< as Go prints it
};

inline value host(const object& o) noexcept {
  return {&o, o.type()};
}

} // namespace troupe::templates
