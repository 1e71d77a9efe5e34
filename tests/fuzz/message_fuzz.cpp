// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message_writer.hpp"
#include "net/dns/text.hpp"
#include "tests/net/dns/difference.hpp"

#include <cstdlib>

using namespace troupe::dns;

namespace {

size_t count(const message& m) {
  return m.sections[0].size() + m.sections[1].size() + m.sections[2].size();
}

void require(bool good) {
  if (!good)
    std::abort();
}

} // namespace

/// What can be read can be written and read again with the same content, in text too.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto first = read_message({data, size});
  const auto* m = std::get_if<message>(&first);
  if (m == nullptr)
    return 0;
  static std::vector<uint8_t> out(max_message_octets);
  const size_t octets = write_message(*m, out);
  if (octets == 0)
    return 0;
  auto second = read_message({out.data(), octets});
  auto* again = std::get_if<message>(&second);
  require(again != nullptr);
  // Names that must stay whole may make a message longer than there is room.
  if (count(*again) == count(*m))
    require(test::difference(*m, *again).empty());
  else
    require((again->flags & flag::tc) != 0 && count(*again) < count(*m));
  for (const auto& section : m->sections)
    for (const auto& r : section)
      require(!to_text(r).empty());
  // The same into a buffer that is as long as the input, which may be too short.
  std::vector<uint8_t> tight(size);
  const size_t tight_octets = write_message(*m, tight);
  require(tight_octets <= size);
  if (tight_octets != 0)
    require(std::holds_alternative<message>(read_message({tight.data(), tight_octets})));
  return 0;
}
