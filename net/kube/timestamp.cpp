// SPDX-License-Identifier: Apache-2.0
#include "net/kube/timestamp.hpp"

namespace troupe::kube {

namespace {

constexpr size_t max_octets = 64;
constexpr int first_year = 1678, last_year = 2261;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes what it reads off the front of a text; once something did not fit, all further reads fail.
class scanner {
public:
  explicit scanner(std::string_view text) : left_(text) {}

  bool literal(char c) {
    if (!good_ || left_.empty() || left_.front() != c)
      return good_ = false;
    left_.remove_prefix(1);
    return true;
  }
  int number(size_t digits, int least, int most) {
    int value = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (left_.empty() || !is_digit(left_.front())) {
        good_ = false;
        return 0;
      }
      value = value * 10 + (left_.front() - '0');
      left_.remove_prefix(1);
    }
    good_ = good_ && value >= least && value <= most;
    return value;
  }
  /// `.123`; nothing of it is there: 0.
  std::chrono::nanoseconds fraction() {
    if (!next_is('.'))
      return {};
    left_.remove_prefix(1);
    int64_t value = 0, unit = 100'000'000;
    good_ = good_ && !left_.empty() && is_digit(left_.front());
    for (; !left_.empty() && is_digit(left_.front()); left_.remove_prefix(1), unit /= 10)
      value += unit * (left_.front() - '0');
    return std::chrono::nanoseconds{value};
  }
  std::chrono::minutes offset() {
    if (next_is('Z')) {
      left_.remove_prefix(1);
      return {};
    }
    const bool west = next_is('-');
    literal(west ? '-' : '+');
    const int hours = number(2, 0, 23);
    literal(':');
    const std::chrono::minutes out{hours * 60 + number(2, 0, 59)};
    return west ? -out : out;
  }
  bool next_is(char c) const { return !left_.empty() && left_.front() == c; }
  bool complete() const { return good_ && left_.empty(); }

private:
  std::string_view left_;
  bool good_ = true;
};

} // namespace

std::optional<timestamp> parse_timestamp(std::string_view text) {
  if (text.size() > max_octets)
    return std::nullopt;
  scanner in{text};
  const std::chrono::year year{in.number(4, first_year, last_year)};
  in.literal('-');
  const std::chrono::month month{static_cast<unsigned>(in.number(2, 1, 12))};
  in.literal('-');
  const std::chrono::day day{static_cast<unsigned>(in.number(2, 1, 31))};
  in.literal('T');
  const std::chrono::hours hours{in.number(2, 0, 23)};
  in.literal(':');
  const std::chrono::minutes minutes{in.number(2, 0, 59)};
  in.literal(':');
  const std::chrono::seconds seconds{in.number(2, 0, 59)};
  const auto fraction = in.fraction();
  const auto offset = in.offset();
  const std::chrono::year_month_day date{year, month, day};
  if (!in.complete() || !date.ok())
    return std::nullopt;
  return std::chrono::sys_days{date} + hours + minutes + seconds + fraction - offset;
}

} // namespace troupe::kube
