// SPDX-License-Identifier: Apache-2.0
#include "net/kube/reflector.hpp"

#include <fmt/format.h>

/// Where a reflector asks: paths, selectors, and what kind of list or watch.
namespace troupe::kube {

namespace {

struct place {
  const char *group, *plural, *path;
};

place place_of(resource resource) {
  switch (resource) {
  case resource::service:
    return {"", "services", "/api/v1/services"};
  case resource::endpoint_slice:
    return {"discovery.k8s.io", "endpointslices", "/apis/discovery.k8s.io/v1/endpointslices"};
  case resource::namespace_object:
    return {"", "namespaces", "/api/v1/namespaces"};
  case resource::pod:
    return {"", "pods", "/api/v1/pods"};
  case resource::service_import:
    return {"multicluster.x-k8s.io", "serviceimports", "/apis/multicluster.x-k8s.io/v1alpha1/serviceimports"};
  }
  return {"", "", ""};
}

/// Pods that are at their end are not asked for; has_ended() says the same of an object.
constexpr std::string_view living_pods = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown";

/// The label selector for a resource. ServiceImports have none: CoreDNS applies that of Namespaces to them, which hides
/// what nobody meant to hide (actors/stages/DEPARTURES.md).
std::string selector_of(resource resource, const api_options& options) {
  constexpr auto imported = "multicluster.kubernetes.io/service-name"; // as a selector: the label is there
  switch (resource) {
  case resource::namespace_object:
    return options.namespace_labels;
  case resource::service_import:
    return {};
  case resource::endpoint_slice:
    if (!options.keep.endpoints)
      return options.labels.empty() ? imported : options.labels + "," + imported;
    break;
  case resource::service:
  case resource::pod:
    break;
  }
  return options.labels;
}

/// RFC 3986 section 2.1: all but the unreserved characters.
std::string percent_encoded(std::string_view text) {
  std::string result;
  for (char c : text)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
        c == '_' || c == '~')
      result += c;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return result;
}

} // namespace

const char* plural(resource resource) {
  return place_of(resource).plural;
}

std::string reflector::missing_rule() const {
  const auto at = place_of(resource_);
  return fmt::format("; the ClusterRole needs the rule {{apiGroups: [\"{}\"], resources: [\"{}\"], verbs: [\"list\", "
                     "\"watch\"]}}",
                     at.group, at.plural);
}

std::string reflector::target() const {
  std::string result = place_of(resource_).path;
  const std::string version = percent_encoded(version_unusable_ ? std::string{} : version_);
  if (phase_ == phase::watch) {
    result += "?watch=1&allowWatchBookmarks=true&resourceVersion=" + percent_encoded(version_);
  } else if (phase_ == phase::audit) {
    result += "?limit=1&resourceVersion="; // from etcd: one object, and the number of the others
  } else if (phase_ == phase::streaming_list) {
    result +=
      "?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=" +
      version;
  } else if (!continue_.empty()) {
    result += fmt::format("?limit={}&continue={}", options_.page, percent_encoded(continue_));
  } else if (whole_list_) {
    result += "?resourceVersion=";
  } else if (version_unusable_) {
    result += fmt::format("?limit={}&resourceVersion=", options_.page);
  } else if (version.empty()) {
    result += fmt::format("?limit={}&resourceVersion=0", options_.page);
  } else {
    // Without a limit: with one the server would read etcd instead of its watch cache.
    result += "?resourceVersionMatch=NotOlderThan&resourceVersion=" + version;
  }
  if (const auto labels = selector_of(resource_, options_); !labels.empty())
    result += "&labelSelector=" + percent_encoded(labels);
  if (resource_ == resource::pod)
    result += "&fieldSelector=" + percent_encoded(living_pods);
  return result;
}

} // namespace troupe::kube
