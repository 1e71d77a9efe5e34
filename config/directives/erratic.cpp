// SPDX-License-Identifier: Apache-2.0
#include "config/directives/erratic.hpp"

#include "config/directives/values.hpp"
#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

namespace {

/// How many questions, as Go reads an int32.
failure read_amount(const dispenser& in, const std::string& text, uint64_t& out) {
  const auto number = parse_integer(text);
  const auto* value = std::get_if<long long>(&number);
  const std::string go = "strconv.ParseInt: parsing " + quote(text) + ": ";
  if (!value)
    return in.error(go + "invalid syntax");
  if (*value > INT32_MAX || *value < INT32_MIN)
    return in.error(go + "value out of range");
  if (*value < 0)
    return in.error("illegal amount value given " + quote(text));
  out = static_cast<uint64_t>(*value);
  return std::nullopt;
}

struct erratic_reader {
  dispenser& in;
  erratic_options& options;
  bool drop_named = false;

  failure property() {
    const std::string name = in.word();
    if (name == "large") {
      options.large = true;
      return std::nullopt;
    }
    if (name != "drop" && name != "delay" && name != "truncate")
      return in.unknown_property();
    const auto args = in.arguments();
    if (args.size() > (name == "delay" ? 2 : 1))
      return in.argument_error();
    uint64_t& amount = name == "drop" ? options.drop : name == "delay" ? options.delay : options.truncate;
    amount = 2;
    if (args.empty())
      return std::nullopt;
    drop_named |= name == "drop";
    if (auto bad = read_amount(in, args[0], amount))
      return bad;
    return args.size() > 1 ? read_duration(in, args[1], options.duration) : failure{};
  }
};

} // namespace

failure parse_erratic(dispenser& in, setup& s) {
  erratic_options& options = s.block.own<erratic_options>("erratic");
  erratic_reader reader{in, options};
  while (in.next_property()) {
    if (auto bad = reader.property())
      return bad;
  }
  if ((options.delay > 0 || options.truncate > 0) && !reader.drop_named)
    options.drop = 0;
  return std::nullopt;
}

} // namespace troupe::config
