// SPDX-License-Identifier: Apache-2.0
#include "net/kube/manifests.hpp"

#include <cstdint>
#include <cstdlib>

using namespace troupe::kube;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const manifest_text file{"fuzz.yaml", {reinterpret_cast<const char*>(data), size}};
  const auto result = read_manifest_texts({&file, 1});
  // Either it is refused with a reason or it is three whole lists.
  if (result.errors.empty() ? result.chunks.size() < 6 : !result.chunks.empty())
    std::abort();
  return 0;
}
