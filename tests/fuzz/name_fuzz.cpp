// SPDX-License-Identifier: Apache-2.0
#include "net/dns/wire.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

using namespace troupe::dns;

namespace {

void require(bool good) {
  if (!good)
    std::abort();
}

bool same_octets(name_view a, name_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

void check(const name& n) {
  const auto back = name::from_text(n.to_text());
  require(back && same_octets(back->wire(), n.wire()));
  const auto wire = name::from_wire(n.wire());
  require(wire && *wire == n && wire->labels() <= max_labels);
  const name lowered = n.lowered();
  require(lowered == n && hash(lowered.wire()) == hash(n.lowered().wire()));
  require(is_subdomain(n.wire(), lowered.wire()) && is_subdomain(n.wire(), name{}.wire()));
  name longer = n;
  if (longer.prepend("x"))
    require(is_subdomain(longer.wire(), n.wire()) && !is_subdomain(n.wire(), longer.wire()));
}

} // namespace

/// Octets as text, as a wire-form name, and as a message with a name in it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> octets(data, data + size); // sanitizers see reads past an allocation
  if (const auto n = name::from_text({reinterpret_cast<const char*>(data), size}))
    check(*n);
  if (const auto n = name::from_wire(octets))
    check(*n);
  require(name_length(octets) <= std::min(size, max_name_octets));
  to_text(octets);
  for (size_t at = 0; at < size; ++at) {
    name n;
    const size_t skipped = skip_name(octets, at), read = read_name(octets, at, n);
    require(skipped <= size && (read == 0 || read == skipped));
    if (read != 0)
      check(n);
  }
  return 0;
}
