// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/decoding.hpp"

using namespace troupe::kube;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz_decoders(data, size, make_json_list_decoder, make_json_watch_decoder);
}
