// SPDX-License-Identifier: Apache-2.0
#include "net/kube/type_name.hpp"

#include "net/kube/check.hpp"

namespace troupe::kube {

namespace {

constexpr size_t max_shown = 64; ///< octets of either part

} // namespace

type_name type_of(resource resource) {
  switch (resource) {
  case resource::service:
    return {"Service", "v1"};
  case resource::endpoint_slice:
    return {"EndpointSlice", "discovery.k8s.io/v1"};
  case resource::namespace_object:
    return {"Namespace", "v1"};
  case resource::pod:
    return {"Pod", "v1"};
  case resource::service_import:
    return {"ServiceImport", "multicluster.x-k8s.io/v1alpha1"};
  }
  return {};
}

std::string to_text(const type_name& name) {
  if (name.kind.empty())
    return "something without a kind";
  return quote(name.kind, max_shown) + " of " + quote(name.api_version, max_shown);
}

} // namespace troupe::kube
