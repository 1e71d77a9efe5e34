// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/decode.hpp"

#include <cstdint>
#include <cstdlib>

namespace troupe::kube {

/// Lists and watches of objects as hostile octets: what comes out must not depend on where the stream is cut. The first
/// octet of the input says what is read, the second how it is cut.
template <class MakeList, class MakeWatch>
int fuzz_decoders(const uint8_t* data, size_t size, MakeList make_list, MakeWatch make_watch) {
  if (size < 2)
    return 0;
  constexpr size_t limit = 4096; // of an object; small, so that "too big" is reached
  const std::string_view text{reinterpret_cast<const char*>(data) + 2, size - 2};
  const auto which = static_cast<resource>(data[0] % resource_count);
  const bool list = (data[0] & 0x80) != 0;
  const auto count = [&](size_t step) {
    decode_context context(which, limit, [](const std::string&) {});
    auto decoder = list ? make_list(context) : make_watch(context);
    decoded out;
    bool well_formed = true;
    for (size_t i = 0; i < text.size() && well_formed; i += step)
      well_formed = decoder->feed(text.substr(i, step), out);
    const auto end = decoder->finish();
    return out.changes.size() * 1000 + out.lost * 10 + (end ? 1 : 0) + (well_formed ? 2 : 0);
  };
  if (count(size) != count(1 + data[1] % 16))
    std::abort();
  parse_status(text);
  return 0;
}

} // namespace troupe::kube
