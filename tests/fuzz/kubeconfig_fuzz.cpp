// SPDX-License-Identifier: Apache-2.0
#include "net/kube/kubeconfig.hpp"

#include <cstdint>

/// Relative paths lead into a folder that is not there, so that only the text matters.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  troupe::kube::parse_kubeconfig("/nonexistent/fuzz/kubeconfig", {reinterpret_cast<const char*>(data), size}, "");
  return 0;
}
