// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::config {

inline constexpr size_t max_corefile_octets = 16u << 20; ///< of one file; a ConfigMap holds 1 MiB

/// What a Corefile's meaning depends on besides its text. Tests make their own.
struct environment {
  struct interface_address {
    std::string interface; ///< `eth0`
    std::string address;   ///< numeric; link-local IPv6 with `%eth0` behind it
  };

  struct unreadable {
    std::string reason; ///< `no such file or directory`
  };

  std::function<std::optional<std::string>(const std::string&)> variable; ///< value of an environment variable
  /// Paths that fit an absolute pattern with `*` and `?`, sorted by octets; without either the path itself if it is
  /// there.
  std::function<std::vector<std::string>(const std::string& pattern)> paths;
  /// Content of a file, pipe or device of at most max_corefile_octets.
  std::function<std::variant<std::string, unreadable>(const std::string& path)> read;
  /// Port of a service by name (`domain`) and protocol (`udp`, `tcp`).
  std::function<std::optional<uint16_t>(const std::string& name, const std::string& protocol)> service;
  /// As look_up_host: the addresses of a host by `resolvers`, or by the system without any; or why there are none.
  std::function<std::variant<std::vector<std::string>, std::string>(const std::string& host,
                                                                    const std::vector<std::string>& resolvers)>
    addresses;
  std::vector<interface_address> interfaces; ///< all of this machine, for `bind eth0`
  std::string default_port = "53";           ///< of `dns://` keys: `-dns.port`
};

/// The names of ports that a protocol has, for parse_host_port. Lives no longer than `env`.
inline std::function<std::optional<uint16_t>(const std::string&)> port_names_of(const environment& env,
                                                                                const std::string& protocol) {
  return [&env, protocol](const std::string& name) { return env.service ? env.service(name, protocol) : std::nullopt; };
}

/// The process's own. Reads the interfaces once; a machine that does not tell them has none.
environment process_environment();

} // namespace troupe::config
