// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/address.hpp"
#include "config/setup.hpp"
#include "config/zone_index.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::config {

/// `transfer [ZONES...] { to ADDRESS...|*; source ADDRESS }`: who may have zones that other directives of the block
/// serve, and who is told when they change.
struct transfer_options {
  place at;
  std::vector<dns::name> zones; ///< lower-cased; the block's where none are named
  bool to_all = false;          ///< `*`: whoever asks
  std::vector<host_port> to;    ///< numeric, port 53 where none is written; link-local IPv6 may carry `%zone`
  std::string source;           ///< numeric address that notifications leave from; empty: the system's choice
};

/// The use whose zones hold `lowered` (a whole wire name) by the longest name, the first of equals; null: none does.
const transfer_options* find_transfer(const std::vector<transfer_options>& uses, dns::name_view lowered) noexcept;

} // namespace troupe::config
