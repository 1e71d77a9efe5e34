// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/decode_rules.hpp"
#include "net/kube/kubernetes.pb.h"

/// The fields that DNS needs, out of an object in Kubernetes' protobuf encoding. Numbers and presence as in JSON: what
/// is absent or empty is found by check(). Internal to net/kube.
namespace troupe::kube {

/// Reads `octets`, the message alone; false if it is not one or has more fields than any real object.
bool read_message(google::protobuf::MessageLite& into, std::string_view octets);

/// Reads "k8s\0" and the envelope behind it; the message is `into.raw()`.
bool read_envelope(wire::Unknown& into, std::string_view octets);

object_metadata read_metadata(const wire::ObjectMeta& from);
raw_service read_service(const wire::Service& from, object_metadata&& meta);
raw_slice read_slice(const wire::EndpointSlice& from, object_metadata&& meta, const kept& keep);
raw_pod read_pod(const wire::Pod& from, object_metadata&& meta, const kept& keep);
std::optional<api_failure> read_status(std::string_view octets);

/// A whole `Status` with its envelope; nothing if it is something else.
std::optional<api_failure> protobuf_status(std::string_view body);

} // namespace troupe::kube
