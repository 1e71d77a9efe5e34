// SPDX-License-Identifier: Apache-2.0
#include "net/master/generate.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace troupe::master {

namespace {

constexpr int64_t most_generated = (int64_t{1} << 31) - 1;
constexpr size_t most_digits = 22; ///< of 64 bits in octal

template <class Number>
std::optional<Number> whole_number(std::string_view text) noexcept {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  return error == std::errc{} && end == text.end() ? std::optional{number} : std::nullopt;
}

/// Takes what stands before `mark` off the front of `text`, and the mark; nothing more than all of it if there is none.
std::string_view cut_off(std::string_view& text, char mark, bool& found) noexcept {
  const size_t at = text.find(mark);
  const auto front = text.substr(0, at);
  found = at != std::string_view::npos;
  text = found ? text.substr(at + 1) : std::string_view{};
  return front;
}

struct modifier {
  int64_t offset = 0;
  uint8_t width = 0;
  char base = 'd';
};

/// What stands between the braces; else what is wrong with it.
std::variant<modifier, const char*> modifier_from_text(std::string_view text) noexcept {
  bool has_width = false, has_base = false, has_more = false;
  const auto offset_text = cut_off(text, ',', has_width);
  const auto width_text = cut_off(text, ',', has_base);
  const auto base = cut_off(text, ',', has_more);
  if (has_more)
    return "bad modifier in $GENERATE";
  if (has_base && base != "o" && base != "d" && base != "x" && base != "X")
    return "bad base in $GENERATE";
  const auto offset = whole_number<int64_t>(offset_text);
  if (!offset)
    return "bad offset in $GENERATE";
  const auto width = has_width ? whole_number<uint8_t>(width_text) : uint8_t{0};
  if (!width)
    return "bad width in $GENERATE";
  return modifier{*offset, *width, has_base ? base[0] : 'd'};
}

} // namespace

std::variant<generate_range, const char*> range_from_text(std::string_view text) noexcept {
  generate_range out;
  bool has_step = false, has_stop = false;
  auto ends = cut_off(text, '/', has_step);
  if (has_step) {
    const auto step = whole_number<int64_t>(text);
    if (!step || *step <= 0)
      return "bad step in $GENERATE range";
    out.step = *step;
  }
  const auto start_text = cut_off(ends, '-', has_stop);
  if (!has_stop)
    return "bad start-stop in $GENERATE range";
  const auto start = whole_number<int64_t>(start_text), stop = whole_number<int64_t>(ends);
  if (!start)
    return "bad start in $GENERATE range";
  if (!stop)
    return "bad stop in $GENERATE range";
  if (*start < 0 || *stop < *start || (*stop - *start) / out.step >= max_generate_steps)
    return "bad range in $GENERATE range";
  out.start = *start;
  out.stop = *stop;
  return out;
}

std::variant<generate_template, generate_template::error> generate_template::from_text(std::string_view text,
                                                                                       const generate_range& range) {
  generate_template out;
  std::string literal;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at], next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (c == '\\') {
      ++at;
      if (next == '\\' || next == '$')
        literal += next;
      continue;
    }
    if (c != '$') {
      literal += c;
      continue;
    }
    if (next == '$') {
      literal += next;
      ++at;
      continue;
    }
    modifier how;
    if (next == '{') {
      const size_t end = text.find('}', at);
      if (end == std::string_view::npos)
        return error{"bad modifier in $GENERATE", at, text.size()};
      const auto read = modifier_from_text(text.substr(at + 2, end - at - 2));
      if (const auto* words = std::get_if<const char*>(&read))
        return error{*words, at, end + 1};
      how = std::get<modifier>(read);
      if (how.offset > most_generated || how.offset < -most_generated || range.stop > most_generated ||
          range.start + how.offset < 0 || range.stop + how.offset > most_generated)
        return error{"bad offset in $GENERATE", at, end + 1};
      at = end;
    }
    out.pieces_.push_back({std::exchange(literal, {}), true, how.offset, how.width, how.base});
  }
  out.pieces_.push_back({std::move(literal), false});
  return out;
}

void generate_template::make_line(int64_t number, std::string& out) const {
  out.clear();
  for (const piece& each : pieces_) {
    out += each.literal;
    if (!each.has_number)
      return;
    char digits[most_digits];
    const int base = each.base == 'd' ? 10 : each.base == 'o' ? 8 : 16;
    char* const end = std::to_chars(std::begin(digits), std::end(digits), number + each.offset, base).ptr;
    const auto count = static_cast<size_t>(end - digits);
    out.append(std::max<size_t>(each.width, count) - count, '0');
    for (const char* c = digits; c != end; ++c)
      out += each.base == 'X' && *c >= 'a' ? static_cast<char>(*c - 'a' + 'A') : *c;
  }
}

size_t generate_template::longest_line() const noexcept {
  size_t octets = 0;
  for (const piece& each : pieces_)
    octets += each.literal.size() + std::max<size_t>(each.width, most_digits);
  return octets;
}

} // namespace troupe::master
