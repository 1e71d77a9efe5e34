// SPDX-License-Identifier: Apache-2.0
#include "config/duration.hpp"

#include "config/dispenser.hpp"

#include <cmath>

namespace troupe::config {

namespace {

struct unit {
  std::string_view name;
  double nanoseconds;
};

constexpr unit units[] = {{"ns", 1},   {"us", 1e3}, {"\xC2\xB5s", 1e3}, {"\xCE\xBCs", 1e3},
                          {"ms", 1e6}, {"s", 1e9},  {"m", 60e9},        {"h", 3600e9}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes `12`, `12.5`, `.5` or `12.` off the front; negative if there is no digit.
double take_number(std::string_view& text) {
  double value = 0, scale = 1;
  bool digits = false, fraction = false;
  for (; !text.empty() && (is_digit(text[0]) || (text[0] == '.' && !fraction)); text.remove_prefix(1)) {
    if (text[0] == '.') {
      fraction = true;
      continue;
    }
    digits = true;
    value = value * 10 + (text[0] - '0');
    scale = fraction ? scale * 10 : scale;
  }
  return digits ? value / scale : -1;
}

std::string_view take_unit(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && text[end] != '.' && !is_digit(text[end]))
    ++end;
  auto name = text.substr(0, end);
  text.remove_prefix(end);
  return name;
}

} // namespace

std::variant<std::chrono::nanoseconds, std::string> parse_duration(std::string_view text) {
  const std::string invalid = "time: invalid duration " + quote(text);
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+'))
    rest.remove_prefix(1);
  if (rest == "0")
    return std::chrono::nanoseconds{0};
  if (rest.empty())
    return invalid;
  double total = 0;
  while (!rest.empty()) {
    const double number = take_number(rest);
    if (!(number >= 0))
      return invalid;
    const auto name = take_unit(rest);
    if (name.empty())
      return "time: missing unit in duration " + quote(text);
    double scale = 0;
    for (const unit& u : units)
      scale = u.name == name ? u.nanoseconds : scale;
    if (scale == 0)
      return "time: unknown unit " + quote(name) + " in duration " + quote(text);
    total += number * scale;
  }
  if (!(total < 9.2e18)) // what 64 bits of nanoseconds hold: 292 years
    return invalid;
  const auto value = std::chrono::nanoseconds{std::llround(total)};
  return negative ? -value : value;
}

std::string duration_text(std::chrono::nanoseconds value) {
  auto decimal = [](double number) {
    std::string text = std::to_string(number);
    text.erase(text.find_last_not_of('0') + 1);
    return text.back() == '.' ? text.substr(0, text.size() - 1) : text;
  };
  if (value.count() == 0)
    return "0s";
  if (value.count() < 0)
    return "-" + duration_text(-value);
  const double ns = static_cast<double>(value.count());
  if (ns < 1e3)
    return std::to_string(value.count()) + "ns";
  if (ns < 1e6)
    return decimal(ns / 1e3) + "\xC2\xB5s";
  if (ns < 1e9)
    return decimal(ns / 1e6) + "ms";
  const auto minutes = value.count() / 60'000'000'000;
  const std::string seconds = decimal(static_cast<double>(value.count() % 60'000'000'000) / 1e9) + "s";
  if (minutes == 0)
    return seconds;
  const std::string below_hour = std::to_string(minutes % 60) + "m" + seconds;
  return minutes < 60 ? below_hour : std::to_string(minutes / 60) + "h" + below_hour;
}

} // namespace troupe::config
