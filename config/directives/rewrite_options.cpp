// SPDX-License-Identifier: Apache-2.0
// `edns0` of `rewrite`.
#include "config/directives/rewrite_words.hpp"
#include "config/dispenser.hpp"
#include "net/dns/edns_options.hpp"

#include <charconv>

namespace troupe::config {

namespace {

using rewrite::option_action;
using rewrite::option_rule;
using rewrite::option_source;

constexpr uint8_t v4_address_bits = 32, v6_address_bits = 128;

using number_or_problem = std::variant<uint16_t, std::string>;

/// As Go's strconv.ParseUint(…, 0, 16): `0x1f`, `0b1`, `0o17`, `017`, `31`.
number_or_problem option_number_from(const std::string& text) {
  const std::string where = "strconv.ParseUint: parsing " + quote(text) + ": ";
  std::string digits = lower_case(std::string{text});
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    base = digits[1] == 'x' ? 16 : digits[1] == 'b' ? 2 : 8;
    digits.erase(0, digits[1] == 'x' || digits[1] == 'b' || digits[1] == 'o' ? 2 : 1);
  }
  uint16_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, value, base);
  if (problem == std::errc::result_out_of_range && stop == end)
    return where + "value out of range";
  if (problem != std::errc{} || stop != end)
    return where + "invalid syntax";
  return value;
}

int digit_of(char c) noexcept {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

/// The text's octets, or those that `0x…` stands for.
std::variant<std::vector<uint8_t>, std::string> option_data_from(const std::string& text) {
  std::vector<uint8_t> out;
  if (!text.starts_with("0x")) {
    out.assign(text.begin(), text.end());
    return out;
  }
  for (size_t i = 2; i < text.size(); ++i) {
    const int digit = digit_of(text[i]);
    if (digit < 0) {
      char code[16];
      std::snprintf(code, sizeof code, "U+%04X", static_cast<uint8_t>(text[i]));
      return "encoding/hex: invalid byte: " + std::string{code} + " '" + text[i] + "'";
    }
    if (i % 2 == 0)
      out.push_back(static_cast<uint8_t>(digit << 4));
    else
      out.back() = static_cast<uint8_t>(out.back() | digit);
  }
  if (text.size() % 2 != 0)
    return "encoding/hex: odd length hex string";
  return out;
}

std::optional<option_source> variable_from(const std::string& text) {
  constexpr std::pair<std::string_view, option_source> names[] = {{"{qname}", option_source::qname},
                                                                  {"{qtype}", option_source::qtype},
                                                                  {"{client_ip}", option_source::client_ip},
                                                                  {"{client_port}", option_source::client_port},
                                                                  {"{protocol}", option_source::protocol},
                                                                  {"{server_ip}", option_source::server_ip},
                                                                  {"{server_port}", option_source::server_port}};
  for (const auto& [name, source] : names)
    if (name == text)
      return source;
  const std::string_view label = std::string_view{text}.substr(1, text.size() - 2);
  const size_t slash = label.find('/');
  const bool is_label = slash != label.npos && slash > 0 && slash + 1 < label.size();
  return is_label ? std::optional{option_source::metadata} : std::nullopt;
}

made_rule finished_option(option_rule made) {
  return rewrite::rule{false, std::move(made)};
}

made_rule make_local_rule(option_action action, const std::string& code, const std::string& data) {
  option_rule out{action};
  const auto number = option_number_from(code);
  if (const auto* problem = std::get_if<std::string>(&number))
    return *problem;
  out.code = std::get<uint16_t>(number);
  if (data.size() > 1 && data.starts_with('{') && data.ends_with('}')) {
    const auto source = variable_from(data);
    if (!source)
      return "unsupported variable name " + quote(data);
    out.source = *source;
    if (out.source == option_source::metadata)
      out.label = data.substr(1, data.size() - 2);
    return finished_option(std::move(out));
  }
  auto read = option_data_from(data);
  if (const auto* problem = std::get_if<std::string>(&read))
    return *problem;
  out.data = std::get<std::vector<uint8_t>>(std::move(read));
  constexpr size_t most = dns::max_upstream_option_octets - 4;
  if (out.data.size() > most)
    return "EDNS0 data too long: " + std::to_string(out.data.size()) + " > " + std::to_string(most);
  return finished_option(std::move(out));
}

made_rule make_subnet_rule(option_action action, const std::string& v4, const std::string& v6) {
  option_rule out{action, option_source::subnet, static_cast<uint16_t>(dns::edns_option::client_subnet)};
  const auto read = [](const std::string& text, uint8_t most, const char* family, uint8_t& bits) -> std::string {
    const auto number = option_number_from(text);
    if (const auto* problem = std::get_if<std::string>(&number))
      return *problem;
    const uint16_t value = std::get<uint16_t>(number);
    bits = static_cast<uint8_t>(value);
    return value <= most ? "" : "invalid " + std::string{family} + " bit mask length " + std::to_string(value);
  };
  if (auto problem = read(v4, v4_address_bits, "IPv4", out.v4_bits); !problem.empty())
    return problem;
  if (auto problem = read(v6, v6_address_bits, "IPv6", out.v6_bits); !problem.empty())
    return problem;
  return finished_option(std::move(out));
}

option_rule nsid_rule(option_action action) {
  return {action, option_source::data, static_cast<uint16_t>(dns::edns_option::nsid)};
}

made_rule make_unset_rule(const std::string& type, rule_words words) {
  constexpr auto unset = option_action::unset;
  if (type == "local")
    return words.size() == 3 ? make_local_rule(unset, words[2], "")
                             : made_rule{"local unset action requires exactly two arguments"};
  if (type == "nsid")
    return words.size() == 2 ? finished_option(nsid_rule(unset)) : "nsid unset action requires exactly one argument";
  if (type == "subnet")
    return words.size() == 2 ? make_subnet_rule(unset, "0", "0") : "subnet unset action requires exactly one argument";
  return "invalid rule type " + quote(type);
}

} // namespace

made_rule make_option_rule(rule_words words) {
  if (words.size() < 2)
    return "too few arguments for an EDNS0 rule";
  const std::string type = lower_case(words[0]), action = lower_case(words[1]);
  if (action == "unset")
    return make_unset_rule(type, words);
  const auto act = action == "set"       ? std::optional{option_action::set}
                   : action == "append"  ? std::optional{option_action::append}
                   : action == "replace" ? std::optional{option_action::replace}
                                         : std::nullopt;
  if (!act)
    return "invalid action: " + quote(action);
  if (words.back() == "revert") // answers never have what rules put into queries
    words = words.first(words.size() - 1);
  if (type == "local")
    return words.size() == 4 ? make_local_rule(*act, words[2], words[3])
                             : made_rule{"EDNS0 local rules require three or four args"};
  if (type == "nsid")
    return words.size() == 2 ? finished_option(nsid_rule(*act)) : "EDNS0 NSID rules can accept no more than one arg";
  if (type == "subnet")
    return words.size() == 4 ? make_subnet_rule(*act, words[2], words[3])
                             : made_rule{"EDNS0 subnet rules require three or four args"};
  return "invalid rule type " + quote(type);
}

} // namespace troupe::config
