// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/prefix.hpp"
#include "net/dns/name.hpp"

#include <map>
#include <variant>
#include <vector>

namespace troupe::config {

/// How often each address of a name comes first, by lower-cased name in wire form: the file of `loadbalance weighted`.
/// An address that is not named weighs 1.
class address_weights {
public:
  struct weight {
    prefix address; ///< of all its bits
    uint8_t value = 1;
  };

  unsigned of(const dns::name& owner, const std::array<uint8_t, 16>& address, bool v6) const;

private:
  friend std::variant<address_weights, std::string> parse_weights(const std::string& text, const std::string& file);

  std::map<std::string, std::vector<weight>> by_name_;
};

/// Lines of a name alone, and below it of an address and its weight (1 to 255); or what is wrong, in CoreDNS's words.
std::variant<address_weights, std::string> parse_weights(const std::string& text, const std::string& file);

} // namespace troupe::config
