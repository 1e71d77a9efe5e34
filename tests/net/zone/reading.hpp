// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

/// Reads responses back for tests, written apart from the code under test.
namespace troupe::zone::test {

struct message {
  int rcode = -1;
  bool aa = false, tc = false, ra = false, rd = false;
  std::string question;
  std::vector<std::string> answer, authority, additional; ///< `owner ttl TYPE data`, in order

  /// `NOERROR aa; answer; answer | authority | additional`, records of a section sorted.
  std::string summary() const;
};

/// Nothing unless `wire` is one well-formed message from first to last octet.
std::optional<message> read(std::span<const uint8_t> wire);

} // namespace troupe::zone::test
