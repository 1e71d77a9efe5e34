// SPDX-License-Identifier: Apache-2.0
#include "net/kube/decode.hpp"

#include <cstdint>
#include <cstdlib>

using namespace troupe::kube;

namespace {

constexpr size_t limit = 4096; ///< small, so that "too big" is reached

/// The outcome must not depend on where the stream is cut.
size_t count(resource which, bool list, std::string_view text, size_t step) {
  decode_context context(which, limit, [](const std::string&) {});
  auto decoder = list ? make_protobuf_list_decoder(context) : make_protobuf_watch_decoder(context);
  decoded out;
  bool well_formed = true;
  for (size_t i = 0; i < text.size() && well_formed; i += step)
    well_formed = decoder->feed(text.substr(i, step), out);
  const auto end = decoder->finish();
  return out.changes.size() * 1000 + out.lost * 10 + (end ? 1 : 0) + (well_formed ? 2 : 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2)
    return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 2, size - 2};
  const auto which = static_cast<resource>(data[0] % resource_count);
  const bool list = (data[0] & 0x80) != 0;
  if (count(which, list, text, size) != count(which, list, text, 1 + data[1] % 16))
    std::abort();
  parse_status(text);
  return 0;
}
