// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace troupe::bench {

/// The load generator's command line: `--name value` pairs, `--check` and `--fresh`.
struct load_options {
  std::string questions; ///< file, see read_questions
  uint16_t port = 0;     ///< on 127.0.0.1
  pid_t server = 0;      ///< whose CPU time is measured; 0: nobody's
  double seconds = 5;    ///< measured, after
  double warm_up = 0.5;  ///< seconds
  double lost_after = 1; ///< seconds; an answer that takes longer counts as lost, and then as a stray
  double rate = 0;       ///< questions a second in all; 0: as many as the windows let through
  unsigned threads = 1;
  unsigned sockets = 4; ///< each thread
  unsigned window = 32; ///< questions under way on each socket, at most 256
  uint16_t edns = 0;    ///< announced octets; 0: no OPT
  bool check = false;   ///< compare rcode and number of answers with the file
  bool fresh = false;   ///< every question is for a name that was never asked, see fresh_label_octets
};

/// Ends the process with a message and status 2 if the line cannot be understood.
load_options parse_load_options(int argc, char** argv);

} // namespace troupe::bench
