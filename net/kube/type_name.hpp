// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/objects.hpp"

#include <string>
#include <string_view>

namespace troupe::kube {

/// How a Kubernetes object says what it is.
struct type_name {
  std::string_view kind, api_version;

  bool operator==(const type_name&) const = default;
};

/// What objects of a resource say ("Service", "v1"); their list says the same with "List" behind the kind.
type_name type_of(resource resource);

/// "PodList of v1", for messages; quoted and cut where it is no good name.
std::string to_text(const type_name& name);

} // namespace troupe::kube
