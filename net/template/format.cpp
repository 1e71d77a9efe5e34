// SPDX-License-Identifier: Apache-2.0
#include "net/template/format.hpp"

#include "net/template/format_verb.hpp"
#include "net/template/literals.hpp"

#include <utility>

namespace troupe::templates {

namespace {

constexpr size_t most_number = 1'000'000; // of a width or precision, in Go

/// One format, with its arguments.
class format_reader {
public:
  format_reader(text_sink& out, std::string_view format, std::span<const value> arguments)
    : out_(out), rest_(format), arguments_(arguments) {}

  void run() {
    while (!rest_.empty() && !out_.full()) {
      const size_t plain = std::min(rest_.find('%'), rest_.size());
      out_.add(rest_.substr(0, plain));
      rest_.remove_prefix(plain);
      if (!rest_.empty()) {
        rest_.remove_prefix(1);
        verb();
      }
    }
    if (!reordered_ && next_ < arguments_.size())
      extra();
  }

private:
  char front() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }
  void skip() noexcept { rest_.remove_prefix(1); }

  void verb() {
    flags_ = {};
    good_index_ = true;
    after_index_ = false;
    read_flags();
    argument_index();
    if (front() == '*') {
      skip();
      star_width();
    } else {
      flags_.width = read_number();
      if (after_index_ && flags_.width)
        good_index_ = false; // "%[3]2d"
    }
    if (front() == '.' && rest_.size() > 1)
      precision();
    if (!after_index_)
      argument_index();
    finish();
  }

  void read_flags() {
    for (; !rest_.empty(); skip()) {
      switch (front()) {
      case '#':
        flags_.sharp = true;
        break;
      case '0':
        flags_.zero = true;
        break;
      case '+':
        flags_.plus = true;
        break;
      case '-':
        flags_.minus = true;
        break;
      case ' ':
        flags_.space = true;
        break;
      default:
        return;
      }
    }
  }

  void precision() {
    skip();
    if (after_index_)
      good_index_ = false; // "%[3].2d"
    argument_index();
    if (front() == '*') {
      skip();
      return star_precision();
    }
    flags_.precision = read_number();
    if (!flags_.precision)
      flags_.precision = 0;
  }

  std::optional<size_t> read_number() {
    size_t number = 0;
    bool any = false;
    for (; front() >= '0' && front() <= '9' && !rest_.empty(); skip()) {
      if (number > most_number) {
        rest_ = {}; // Go gives up on the whole format
        return std::nullopt;
      }
      any = true;
      number = number * 10 + static_cast<size_t>(front() - '0');
    }
    return any ? std::optional{number} : std::nullopt;
  }

  /// A width or precision that is an argument.
  std::optional<int64_t> star() {
    after_index_ = false;
    if (next_ >= arguments_.size())
      return std::nullopt;
    const value& from = arguments_[next_++];
    constexpr auto most = static_cast<int64_t>(most_number);
    if (const auto* n = from.get<int64_t>(); n && *n >= -most && *n <= most)
      return *n;
    if (const auto* n = from.get<uint64_t>(); n && *n <= most_number)
      return static_cast<int64_t>(*n);
    return std::nullopt;
  }

  void star_width() {
    const auto given = star();
    if (!given)
      return out_.add("%!(BADWIDTH)");
    if (*given < 0) {
      flags_.minus = true;
      flags_.zero = false;
    }
    flags_.width = static_cast<size_t>(*given < 0 ? -*given : *given);
  }

  void star_precision() {
    const auto given = star();
    if (!given || *given < 0)
      return out_.add("%!(BADPREC)");
    flags_.precision = static_cast<size_t>(*given);
  }

  /// `[3]`
  void argument_index() {
    if (front() != '[' || rest_.empty())
      return;
    reordered_ = true;
    const size_t end = rest_.find(']');
    if (end == rest_.npos || rest_.size() < 3) {
      good_index_ = false;
      skip();
      return;
    }
    size_t number = 0;
    bool good = end > 1;
    for (const char c : rest_.substr(1, end - 1)) {
      good = good && c >= '0' && c <= '9' && number <= most_number;
      number = good ? number * 10 + static_cast<size_t>(c - '0') : 0;
    }
    rest_.remove_prefix(end + 1);
    if (good && number >= 1 && number <= arguments_.size()) {
      next_ = number - 1;
      after_index_ = true;
      return;
    }
    good_index_ = false;
    after_index_ = good;
  }

  void finish() {
    if (rest_.empty())
      return out_.add("%!(NOVERB)");
    const rune r = first_rune(rest_);
    const std::string_view verb = rest_.substr(0, r.octets);
    rest_.remove_prefix(r.octets);
    if (verb == "%")
      return out_.add("%");
    if (!good_index_ || next_ >= arguments_.size()) {
      out_.add("%!");
      out_.add(verb);
      return out_.add(good_index_ ? "(MISSING)" : "(BADINDEX)");
    }
    if (verb == "v") {
      flags_.sharp_value = std::exchange(flags_.sharp, false);
      flags_.plus_value = std::exchange(flags_.plus, false);
    }
    verb_writer{out_, flags_, r.code}.write(arguments_[next_++]);
  }

  void extra() {
    out_.add("%!(EXTRA ");
    for (size_t i = next_; i < arguments_.size(); ++i) {
      out_.add(i == next_ ? "" : ", ");
      if (arguments_[i].is_none()) {
        out_.add("<nil>");
        continue;
      }
      out_.add(arguments_[i].type);
      out_.add("=");
      verb_writer{out_, {}, 'v'}.write(arguments_[i]);
    }
    out_.add(")");
  }

  text_sink& out_;
  std::string_view rest_;
  std::span<const value> arguments_;
  verb_flags flags_;
  size_t next_ = 0;
  bool reordered_ = false, good_index_ = true, after_index_ = false;
};

} // namespace

void print(text_sink& out, std::span<const value> arguments) {
  bool text_before = true;
  for (const value& v : arguments) {
    const bool is_text = v.get<std::string_view>() != nullptr;
    if (&v != &arguments.front() && !is_text && !text_before)
      out.add(" ");
    verb_writer{out, {}, 'v'}.write(v);
    text_before = is_text;
  }
}

std::string shown_value(const value& v) {
  constexpr size_t most = 256;
  text_sink out{most};
  print(out, {&v, 1});
  return out.take();
}

void print_line(text_sink& out, std::span<const value> arguments) {
  for (const value& v : arguments) {
    out.add(&v == &arguments.front() ? "" : " ");
    verb_writer{out, {}, 'v'}.write(v);
  }
  out.add("\n");
}

void print_format(text_sink& out, std::string_view format, std::span<const value> arguments) {
  format_reader{out, format, arguments}.run();
}

} // namespace troupe::templates
