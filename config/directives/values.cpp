// SPDX-License-Identifier: Apache-2.0
#include "config/directives/values.hpp"

#include "config/duration.hpp"

#include <charconv>

namespace troupe::config {

failure read_integer(const dispenser& in, const std::string& text, long long& out) {
  auto number = parse_integer(text);
  if (auto* problem = std::get_if<std::string>(&number))
    return in.error(*problem);
  out = std::get<long long>(number);
  return std::nullopt;
}

failure read_unsigned(const dispenser& in, const std::string& text, uint32_t& out) {
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, out);
  if (stop == end && problem == std::errc{})
    return std::nullopt;
  const bool large = stop == end && problem == std::errc::result_out_of_range;
  return in.error("strconv.ParseUint: parsing " + quote(text) + (large ? ": value out of range" : ": invalid syntax"));
}

failure read_duration(const dispenser& in, const std::string& text, std::chrono::nanoseconds& out,
                      const std::string& before) {
  auto duration = parse_duration(text);
  if (auto* problem = std::get_if<std::string>(&duration))
    return in.error(before + *problem);
  out = std::get<std::chrono::nanoseconds>(duration);
  return std::nullopt;
}

std::string lower_case(std::string text) {
  for (char& c : text)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return text;
}

} // namespace troupe::config
