// SPDX-License-Identifier: Apache-2.0
#include "net/template/format_verb.hpp"

#include <charconv>
#include <cmath>

namespace troupe::templates {

namespace {

constexpr size_t most_digits = 1'000; ///< behind the point: a double has no more that are not 0

std::string converted(double d, std::chars_format form, std::optional<size_t> precision) {
  std::array<char, 2'048> room;
  char* const end = room.data() + room.size();
  const auto done = precision
                      ? std::to_chars(room.data(), end, d, form, static_cast<int>(std::min(*precision, most_digits)))
                      : std::to_chars(room.data(), end, d, form);
  std::string out{room.data(), done.ptr};
  if (precision && *precision > most_digits && form != std::chars_format::general)
    out.insert(std::min(out.find('e'), out.size()), *precision - most_digits, '0');
  return out;
}

/// `%g` without precision.
std::string shortest(double d) {
  constexpr int least_exponent = -4, first_exponent = 6;
  std::string scientific = converted(d, std::chars_format::scientific, std::nullopt);
  const int exponent = std::stoi(scientific.substr(scientific.find('e') + 1));
  if (exponent < least_exponent || exponent >= first_exponent)
    return scientific;
  return converted(d, std::chars_format::fixed, std::nullopt);
}

} // namespace

std::string float_text(double d, char format, std::optional<size_t> precision) {
  if (std::isnan(d))
    return "NaN";
  if (std::isinf(d))
    return d < 0 ? "-Inf" : "+Inf";
  std::string out;
  switch (format) {
  case 'e':
  case 'E':
    out = converted(d, std::chars_format::scientific, precision);
    break;
  case 'f':
    out = converted(d, std::chars_format::fixed, precision);
    break;
  default:
    out = precision ? converted(d, std::chars_format::general, std::max<size_t>(*precision, 1)) : shortest(d);
  }
  if (format == 'E' || format == 'G')
    for (char& c : out)
      c = c == 'e' ? 'E' : c;
  return out;
}

void verb_writer::floating(double d, const value& v) {
  constexpr size_t usual_precision = 6;
  if (flags_.precision > max_made_octets)
    return out_.fill(*flags_.precision, '0'); // more than there may be
  std::string digits;
  switch (verb_) {
  case 'v':
  case 'g':
  case 'G':
    digits = float_text(d, verb_ == 'G' ? 'G' : 'g', flags_.precision);
    break;
  case 'e':
  case 'E':
    digits = float_text(d, static_cast<char>(verb_), flags_.precision.value_or(usual_precision));
    break;
  case 'f':
  case 'F':
    digits = float_text(d, 'f', flags_.precision.value_or(usual_precision));
    break;
  default:
    return bad(v);
  }
  const bool number = std::isfinite(d);
  std::string sign = digits[0] == '-' ? "-" : flags_.plus || (digits[0] == '+') ? "+" : flags_.space ? " " : "";
  if (digits[0] == '-' || digits[0] == '+')
    digits.erase(0, 1);
  const size_t width = flags_.width.value_or(0), own = sign.size() + digits.size();
  if (number && flags_.zero && !flags_.minus && width > own) {
    out_.add(sign);
    out_.fill(width - own, '0');
    return out_.add(digits);
  }
  flags_.zero = flags_.zero && number;
  padded(sign + digits);
}

} // namespace troupe::templates
