// SPDX-License-Identifier: Apache-2.0
#include "config/directives/root.hpp"
#include "config/dispenser.hpp"
#include "config/duration.hpp"
#include "config/plan.hpp"
#include "config/weights.hpp"

namespace troupe::config {

namespace {

failure read_weights_reload(dispenser& in, loadbalance_options& out) {
  const auto args = in.arguments();
  if (args.size() != 1)
    return in.error(args.empty() ? "reload duration value is missing" : "unexpected argument");
  const auto duration = parse_duration(args[0]);
  const auto* value = std::get_if<std::chrono::nanoseconds>(&duration);
  if (!value)
    return in.error("invalid reload duration '" + args[0] + "'");
  out.reload = *value;
  return std::nullopt;
}

/// What the file says at the moment has to be right; it is read again by who answers from it.
failure check_weights(const dispenser& in, setup& s, const loadbalance_options& options) {
  if (!s.env.read)
    return std::nullopt;
  const auto text = s.env.read(options.weights);
  if (std::holds_alternative<environment::unreadable>(text)) {
    if (options.reload.count() == 0)
      return in.error("weight file open error");
    s.warnings.push_back("plugin/loadbalance: Failed to open weight file:weight file open error. Will try again in " +
                         duration_text(options.reload));
    return std::nullopt;
  }
  const auto weights = parse_weights(std::get<std::string>(text), options.weights);
  if (const auto* problem = std::get_if<std::string>(&weights))
    return in.error(*problem);
  return std::nullopt;
}

failure read_weighted(dispenser& in, setup& s, const std::vector<std::string>& args, loadbalance_options& out) {
  if (args.size() != 2)
    return in.error(args.size() < 2 ? "missing weight file argument" : "unexpected argument(s)");
  out.weights = below_root(s.block, args[1]);
  const dispenser at_file = in;
  while (in.next_property()) {
    if (in.word() != "reload")
      return in.unknown_property();
    if (auto bad = read_weights_reload(in, out))
      return bad;
  }
  return check_weights(at_file, s, out);
}

failure read_preferred(dispenser& in, loadbalance_options& out) {
  for (const auto& word : in.arguments()) {
    const auto net = word.find('/') == word.npos ? std::nullopt : prefix::from_text(word);
    if (!net)
      return in.error("invalid CIDR " + quote(word) + ": invalid CIDR address: " + word);
    out.prefer.push_back(*net);
  }
  return std::nullopt;
}

} // namespace

failure parse_loadbalance(dispenser& in, setup& s) {
  loadbalance_options& options = s.block.loadbalance.emplace();
  const auto args = in.arguments();
  if (!args.empty() && args[0] == "weighted")
    return read_weighted(in, s, args, options);
  if (!args.empty() && args[0] != "round_robin")
    return in.error("unknown policy: " + args[0]);
  if (args.size() > 1)
    return in.error("unknown property for " + args[0]);
  while (in.next_property()) {
    if (in.word() != "prefer")
      return in.unknown_property();
    if (auto bad = read_preferred(in, options))
      return bad;
  }
  return std::nullopt;
}

} // namespace troupe::config
