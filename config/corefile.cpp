// SPDX-License-Identifier: Apache-2.0
#include "config/corefile.hpp"

#include <filesystem>
#include <iostream>

namespace troupe::config {

namespace {

std::variant<corefile, std::string> standard_input() {
  corefile out{"/dev/stdin", {}};
  char chunk[64 * 1024];
  while (std::cin.read(chunk, sizeof chunk), std::cin.gcount() > 0) {
    out.text.append(chunk, static_cast<size_t>(std::cin.gcount()));
    if (out.text.size() > max_corefile_octets)
      return "loading Caddyfile via flag: read /dev/stdin: is larger than " + std::to_string(max_corefile_octets) +
             " octets";
  }
  return out;
}

} // namespace

std::variant<corefile, std::string> load_corefile(const command_line& flags, const environment& env) {
  if (flags.conf == "stdin")
    return standard_input();
  const std::string file = flags.conf.empty() ? "Corefile" : flags.conf;
  std::error_code problem;
  if (flags.conf.empty() && !std::filesystem::exists(file, problem))
    return corefile{file, ""};
  auto content = env.read(file);
  if (auto* bad = std::get_if<environment::unreadable>(&content))
    return (flags.conf.empty() ? "loading Caddyfile via default: open " : "loading Caddyfile via flag: open ") + file +
           ": " + bad->reason + "; name a Corefile that can be read with -conf";
  return corefile{file, std::get<std::string>(std::move(content))};
}

} // namespace troupe::config
