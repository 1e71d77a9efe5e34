// SPDX-License-Identifier: Apache-2.0
#include "config/partners.hpp"

#include "config/plan.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

/// Whoever CoreDNS's `autopath` asks for search lists; its other one, `erratic`, is for tests.
constexpr std::string_view knows_search_lists = "kubernetes";

failure check_autopath(const server_block& block, const std::vector<directive_use>& uses,
                       std::vector<std::string>& warnings) {
  const autopath_options& options = *block.autopath;
  const std::string& who = options.provider;
  if (who.empty())
    return std::nullopt;
  const bool there = std::any_of(uses.begin(), uses.end(), [&](auto& use) { return use.name == who; });
  if (there && who != knows_search_lists)
    return parse_error{options.at, who + " does not implement the AutoPather interface", "autopath"};
  if (!there)
    warnings.push_back(error_at(options.at, "'autopath @" + who + "' does nothing: there is no '" + who + "'").text());
  else if (block.kubernetes && block.kubernetes->pods != pod_mode::verified)
    warnings.push_back(error_at(options.at, "'autopath @kubernetes' does nothing without 'pods verified'").text());
  return std::nullopt;
}

} // namespace

failure check_partners(const server_block& block, const std::vector<directive_use>& uses,
                       std::vector<std::string>& warnings) {
  if (block.k8s_external && !block.kubernetes)
    return parse_error{
      block.k8s_external->at,
      "kubernetes plugin not loaded: there is no 'kubernetes' in the block, whose services these are; add one",
      "k8s_external"};
  if (block.autopath)
    return check_autopath(block, uses, warnings);
  return std::nullopt;
}

} // namespace troupe::config
