// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::bench {

/// One question, encoded once at start; only the ID (octets 0 and 1) differs from one sending to the next.
struct question {
  std::vector<uint8_t> wire;
  uint8_t rcode = 0;    ///< what a right answer says
  uint16_t answers = 0; ///< and how many records its answer section has
};

/// Reads lines `NAME TYPE [RCODE [ANSWERS]]` (RCODE a number, default 0; ANSWERS default 1). With `edns_octets` each
/// question gets an OPT record of that size. Ends the process with file and line when the file cannot be read or
/// understood.
std::vector<question> read_questions(const std::string& file, uint16_t edns_octets);

} // namespace troupe::bench
