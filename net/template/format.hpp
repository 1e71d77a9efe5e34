// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/template/value.hpp"

#include <algorithm>

/// Go's package fmt, as far as templates print with it.
namespace troupe::templates {

/// A text that grows no longer than it may; what is cut tells. Appending beyond costs nothing.
class text_sink {
public:
  explicit text_sink(size_t most) : most_(most) {}
  void add(std::string_view s) {
    full_ = full_ || s.size() > most_ - out_.size();
    out_ += s.substr(0, most_ - out_.size());
  }
  void fill(size_t count, char c) {
    full_ = full_ || count > most_ - out_.size();
    out_.append(std::min(count, most_ - out_.size()), c);
  }
  bool full() const noexcept { return full_; }
  std::string take() { return std::move(out_); }

private:
  std::string out_;
  size_t most_;
  bool full_ = false;
};

/// Sprint: blanks between two that are no texts. `%v` of each.
void print(text_sink& out, std::span<const value> arguments);
/// Its beginning, for errors.
std::string shown_value(const value& v);
/// Sprintln: blanks between all, and a line's end.
void print_line(text_sink& out, std::span<const value> arguments);
/// Sprintf, with Go's complaints inside the text: `%!d(string=hi)`.
void print_format(text_sink& out, std::string_view format, std::span<const value> arguments);

} // namespace troupe::templates
