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

/// A question that is to be asked for a new name each time has a first label of that size, which is written over.
inline constexpr size_t fresh_label_octets = 16;

/// Reads lines `NAME TYPE [RCODE [ANSWERS]]` (RCODE a number, default 0; ANSWERS default 1). With `edns_octets` each
/// question gets an OPT record of that size; with `fresh` each must begin with a label to be written over. Ends the
/// process with file and line when the file cannot be read or understood.
std::vector<question> read_questions(const std::string& file, uint16_t edns_octets, bool fresh);

} // namespace troupe::bench
