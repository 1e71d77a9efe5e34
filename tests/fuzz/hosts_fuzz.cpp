// SPDX-License-Identifier: Apache-2.0
//
// Files of hosts(5), and the weights of `loadbalance`: whatever they hold, what was read is found again.
#include "config/weights.hpp"
#include "net/hosts/hosts_table.hpp"

#include <cstdlib>

using namespace troupe;

namespace {

/// Every name of an address has that address.
void check_both_ways(const hosts::hosts_table& table, const hosts::host_address& address) {
  table.names(address, [&](dns::name_view name) {
    bool found = false;
    table.addresses(name, address.v6, [&](const hosts::host_address& each) { found |= each == address; });
    if (!found)
      std::abort();
  });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  const hosts::hosts_table table{text, [](dns::name_view name) { return name.size() < 64; }};
  hosts::host_address address;
  for (size_t at = 0; at + 4 <= size && at < 64; ++at) {
    std::copy_n(data + at, 4, address.octets.begin());
    check_both_ways(table, address);
  }
  check_both_ways(table, {{127, 0, 0, 1}, false});
  check_both_ways(table, {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, true});
  config::parse_weights(text, "weights");
  return 0;
}
