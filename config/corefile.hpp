// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/environment.hpp"
#include "config/flags.hpp"

namespace troupe::config {

/// A Corefile that was read but not looked at.
struct corefile {
  std::string file; ///< what errors call it
  std::string text;
};

/// The Corefile of a command line: the file of `-conf`, standard input for `-conf stdin`, else ./Corefile, which is
/// empty if it is not there. An error text (`loading Caddyfile via flag: open /x: no such file or directory`) if it
/// cannot be read.
std::variant<corefile, std::string> load_corefile(const command_line& flags, const environment& env);

} // namespace troupe::config
