// SPDX-License-Identifier: Apache-2.0
#include "config/directives/auto.hpp"

#include "config/directives/root.hpp"
#include "config/directives/values.hpp"
#include "config/directives/zone_files.hpp"
#include "config/duration.hpp"
#include "config/go_regexp.hpp"
#include "config/go_regexp_error.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"

#include <re2/re2.h>

#include <filesystem>

namespace troupe::config {

namespace {

constexpr size_t max_auto_expression = 10'000; ///< octets, as in CoreDNS

/// `{` becomes `${`.
std::string with_dollars(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '{')
      out += '$';
    out += c;
  }
  return out;
}

failure read_expression(const dispenser& in, const std::vector<std::string>& args, auto_options& out) {
  if (args[1].size() > max_auto_expression)
    return in.error("regexp too large");
  RE2::Options quiet;
  quiet.set_log_errors(false);
  const RE2 expression{re2_of(args[1]), quiet};
  if (!expression.ok())
    return in.error(go_error_text(expression));
  if (expression.NumberOfCapturingGroups() == 0)
    return in.error("Need at least one sub expression");
  if (args.size() != 3)
    return in.argument_error();
  out.expression = args[1];
  out.origin = with_dollars(args[2]);
  return std::nullopt;
}

failure read_directory(dispenser& in, setup& s, auto_options& out) {
  const auto args = in.arguments();
  if (args.empty() || args.size() > 3)
    return in.argument_error();
  out.directory = below_root(s.block, args[0]);
  std::error_code problem;
  if (!std::filesystem::exists(out.directory, problem)) {
    if (problem && problem != std::errc::no_such_file_or_directory)
      return in.error("Unable to access root path '" + out.directory + "': " + problem.message());
    s.warnings.push_back("plugin/auto: Directory does not exist: " + out.directory);
  }
  return args.size() > 1 ? read_expression(in, args, out) : std::nullopt;
}

failure read_auto_reload(dispenser& in, auto_options& out) {
  const auto args = in.arguments();
  if (args.empty())
    return in.error("reload duration value is expected");
  if (auto bad = read_duration(in, args[0], out.reload))
    return bad;
  if (out.reload < std::chrono::nanoseconds{0})
    return in.error("plugin/file: invalid duration"); // CoreDNS names the wrong one
  return std::nullopt;
}

} // namespace

failure parse_auto(dispenser& in, setup& s) {
  auto& options = s.block.own<auto_options>("auto");
  const place at = in.at();
  const auto words = in.arguments();
  options.origins = words.empty() ? s.block.zones : named_zones(words);
  while (in.next_property()) {
    failure bad;
    if (in.word() == "directory")
      bad = read_directory(in, s, options);
    else if (in.word() == "reload")
      bad = read_auto_reload(in, options);
    else if (in.word() == "upstream")
      in.arguments(); // names are resolved by this server itself, whatever stands here
    else
      bad = in.unknown_property();
    if (bad)
      return bad;
  }
  options.zones = find_zone_files(s.env, options, s.warnings);
  for (auto& zone : options.zones)
    zone.at = at;
  return std::nullopt;
}

} // namespace troupe::config
