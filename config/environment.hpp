// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe::config {

/// What a Corefile's meaning depends on besides its text. Tests make their own.
struct environment {
  struct interface_address {
    std::string interface; ///< `eth0`
    std::string address;   ///< numeric; link-local IPv6 with `%eth0` behind it
  };

  std::function<std::optional<std::string>(const std::string&)> variable; ///< value of an environment variable
  std::vector<interface_address> interfaces;                              ///< all of this machine, for `bind eth0`
  std::string default_port = "53";                                        ///< of `dns://` keys: `-dns.port`
};

/// The process's own. Reads the interfaces once; a machine that does not tell them has none.
environment process_environment();

} // namespace troupe::config
