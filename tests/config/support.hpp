// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/plan.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace troupe::config::test {

/// A machine of maps: its variables, its files (by absolute path), its interfaces, and hosts that are known.
struct machine {
  std::map<std::string, std::string> variables, files;
  std::map<std::string, std::vector<std::string>>
    hosts; ///< `NAME`, or `NAME by RESOLVER RESOLVER` where some are named
  std::vector<environment::interface_address> interfaces;
  std::string port = "53";

  /// Lives no longer than the machine.
  environment env() const {
    environment e;
    e.variable = [this](const std::string& name) {
      auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional<std::string>{found->second};
    };
    e.paths = [this](const std::string& pattern) {
      std::vector<std::string> found;
      for (const auto& [path, text] : files) {
        if (fits(pattern, path))
          found.push_back(path);
      }
      return found;
    };
    e.read = [this](const std::string& path) -> std::variant<std::string, environment::unreadable> {
      if (auto found = files.find(path); found != files.end())
        return found->second;
      return environment::unreadable{"no such file or directory"};
    };
    e.service = [](const std::string& name, const std::string& protocol) -> std::optional<uint16_t> {
      if (name == "domain")
        return 53;
      return name == "http-alt" && protocol == "tcp" ? std::optional<uint16_t>{8080} : std::nullopt;
    };
    e.addresses =
      [this](const std::string& host,
             const std::vector<std::string>& resolvers) -> std::variant<std::vector<std::string>, std::string> {
      std::string asked = host + (resolvers.empty() ? "" : " by");
      for (const auto& resolver : resolvers)
        asked += ' ' + resolver;
      const auto found = hosts.find(asked);
      if (found == hosts.end())
        return "lookup " + asked + ": no such host";
      return found->second;
    };
    e.interfaces = interfaces;
    e.default_port = port;
    return e;
  }

private:
  /// One `*` at most, which is all that import allows.
  static bool fits(const std::string& pattern, const std::string& path) {
    const size_t star = pattern.find('*');
    if (star == pattern.npos)
      return pattern == path;
    const std::string front = pattern.substr(0, star), back = pattern.substr(star + 1);
    return path.size() + 1 >= pattern.size() && path.starts_with(front) && path.ends_with(back) &&
           path.find('/', star) == path.npos;
  }
};

/// The plan of `text` as the file `Corefile` in `/etc/coredns`, or null.
inline plan_result planned(const std::string& text, const machine& m = {}) {
  return make_plan("/etc/coredns/Corefile", text, m.env());
}

/// The error of `text`, with the folder of the file taken off; empty if there is none.
inline std::string error_of(const std::string& text, const machine& m = {}) {
  auto result = planned(text, m);
  if (!result.error)
    return "";
  std::string line = result.error->text();
  for (size_t at = line.find("/etc/coredns/"); at != line.npos; at = line.find("/etc/coredns/"))
    line.erase(at, 13);
  return line;
}

/// Lower-cased wire form for look-ups.
inline dns::name name(const std::string& text) {
  return dns::name::from_text(text).value().lowered();
}

} // namespace troupe::config::test
