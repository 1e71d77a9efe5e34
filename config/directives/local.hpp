// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace troupe::config {

/// `local { localhost_prefix on|off }`
struct local_options {
  bool prefix = true; ///< names that begin with the label `localhost` are this machine's too
};

} // namespace troupe::config
