// SPDX-License-Identifier: Apache-2.0
#include "config/directives/root.hpp"

#include "config/dispenser.hpp"
#include "config/plan.hpp"

#include <filesystem>

namespace troupe::config {

/// The folder that the files of other directives are looked for in.
failure parse_root(dispenser& in, setup& s) {
  const auto folder = in.argument();
  if (!folder)
    return in.argument_error();
  if (in.argument())
    return in.argument_error();
  s.block.own<std::string>("root") = *folder;
  std::error_code problem;
  if (!std::filesystem::exists(*folder, problem))
    s.warnings.push_back("Root path does not exist: " + *folder); // it may appear later
  return std::nullopt;
}

std::string below_root(const server_block& block, const std::string& path) {
  if (!block.uses.contains("root") || std::filesystem::path{path}.is_absolute())
    return path;
  return (std::filesystem::path{block.own<std::string>("root")} / path).lexically_normal().string();
}

} // namespace troupe::config
