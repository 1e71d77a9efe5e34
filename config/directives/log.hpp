// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"
#include "net/dns/name.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::config {

/// Classes of responses that a rule of `log` can ask for; bits.
namespace log_class {
inline constexpr uint8_t success = 1, denial = 2, error = 4, all = 7;
}

inline constexpr const char* common_log_format =
  "{remote}:{port} - {>id} \"{type} {class} {name} {proto} {size} {>do} {>bufsize}\" "
  "{rcode} {>rflags} {rsize} {duration}";
inline constexpr const char* combined_log_format =
  "{remote}:{port} - {>id} \"{type} {class} {name} {proto} {size} {>do} {>bufsize}\" "
  "{rcode} {>rflags} {rsize} {duration} \"{>opcode}\"";

/// `log [NAMES...] [FORMAT] { class success|denial|error|all... }`; each line and name makes a rule, the first one
/// whose scope holds the question's name decides.
struct log_options {
  struct rule {
    dns::name scope;                        ///< lower-cased
    std::string format = common_log_format; ///< `{common}` and `{combined}` are already spelled out
    uint8_t classes = log_class::all;
  };

  std::vector<rule> rules; ///< in the order of the Corefile
};

} // namespace troupe::config
