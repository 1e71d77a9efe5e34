// SPDX-License-Identifier: Apache-2.0
#include "net/kube/protobuf_fields.hpp"

#include "net/kube/protobuf_splitter.hpp"

#include <google/protobuf/stubs/logging.h>

#include <limits>

namespace troupe::kube {

namespace {

/// More than any real object has: a slice of 1,000 endpoints has some 20,000. Bounds the memory of reading, to 100 MB.
constexpr size_t max_fields = 500'000;
constexpr int64_t no_port_number = -1; ///< a number that check() refuses
constexpr int max_code = 999;
constexpr int max_status_retry_s = 86'400;

template <class Port>
raw_port read_port(const Port& from) {
  return {from.name(), from.protocol(), from.has_port() ? std::optional<int64_t>{from.port()} : std::nullopt};
}

raw_endpoint read_endpoint(const wire::Endpoint& from, const kept& keep) {
  raw_endpoint out;
  out.addresses = {from.addresses().begin(), from.addresses().end()};
  out.hostname = from.hostname();
  if (keep.pod_names) {
    out.target_kind = from.target_ref().kind();
    out.target_name = from.target_ref().name();
  }
  if (keep.zones)
    out.zone = from.zone();
  if (from.conditions().has_ready())
    out.ready = from.conditions().ready();
  return out;
}

} // namespace

bool read_message(google::protobuf::MessageLite& into, std::string_view octets) {
  // What is not UTF-8 would be told on standard error, by the library and for each object.
  [[maybe_unused]] static const auto silenced = google::protobuf::SetLogHandler(nullptr);
  return octets.size() <= std::numeric_limits<int>::max() && has_at_most(max_fields, octets) &&
         into.ParseFromArray(octets.data(), static_cast<int>(octets.size()));
}

bool read_envelope(wire::Unknown& into, std::string_view octets) {
  if (!octets.starts_with(protobuf_magic))
    return false;
  octets.remove_prefix(protobuf_magic.size());
  return octets.size() <= std::numeric_limits<int>::max() &&
         into.ParseFromArray(octets.data(), static_cast<int>(octets.size()));
}

object_metadata read_metadata(const wire::ObjectMeta& from) {
  object_metadata out;
  out.names = {from.namespace_(), from.name(), from.uid()};
  out.resource_version = from.resource_version();
  out.terminating = from.has_deletion_timestamp();
  for (auto& label : from.labels())
    out.take_label(label.key(), label.value());
  for (auto& annotation : from.annotations())
    out.take_annotation(annotation.key(), annotation.value());
  return out;
}

raw_service read_service(const wire::Service& from, object_metadata&& meta) {
  const wire::ServiceSpec& spec = from.spec();
  raw_service out;
  out.meta = std::move(meta.names);
  out.cluster_ip = spec.cluster_ip();
  out.cluster_ips = {spec.cluster_ips().begin(), spec.cluster_ips().end()};
  out.type = spec.type();
  out.external_name = spec.external_name();
  for (auto& port : spec.ports()) {
    out.ports.push_back(read_port(port));
    if (!out.ports.back().number)
      out.ports.back().number = no_port_number; // only a slice may leave it open
  }
  out.external_ips = {spec.external_ips().begin(), spec.external_ips().end()};
  for (auto& ingress : from.status().load_balancer().ingress())
    out.load_balancer.push_back({ingress.ip(), ingress.hostname()});
  return out;
}

raw_slice read_slice(const wire::EndpointSlice& from, object_metadata&& meta, const kept& keep) {
  raw_slice out;
  out.meta = std::move(meta.names);
  out.service = std::move(meta.service_name);
  out.imported = std::move(meta.imported);
  out.source_cluster = std::move(meta.source_cluster);
  out.last_change_trigger = std::move(meta.last_change_trigger);
  out.address_type = from.address_type();
  out.endpoints.reserve(static_cast<size_t>(from.endpoints_size()));
  for (auto& endpoint : from.endpoints())
    out.endpoints.push_back(read_endpoint(endpoint, keep));
  for (auto& port : from.ports())
    out.ports.push_back(read_port(port));
  return out;
}

raw_pod read_pod(const wire::Pod& from, object_metadata&& meta, const kept& keep) {
  raw_pod out;
  out.meta = std::move(meta.names);
  if (keep.labels)
    for (auto& label : from.metadata().labels())
      out.labels.push_back({label.key(), label.value()});
  out.terminating = meta.terminating;
  out.ip = from.status().pod_ip();
  for (auto& one : from.status().pod_ips())
    out.ips.push_back(one.ip());
  out.phase = from.status().phase();
  return out;
}

std::optional<api_failure> read_status(std::string_view octets) {
  wire::Status status;
  if (!read_message(status, octets))
    return std::nullopt;
  api_failure out;
  if (status.code() >= 0 && status.code() <= max_code)
    out.code = status.code();
  out.reason = status.reason();
  out.message = status.message();
  const int wait = status.details().retry_after_seconds();
  if (wait > 0 && wait <= max_status_retry_s)
    out.retry_after = wait;
  return out;
}

std::optional<api_failure> protobuf_status(std::string_view body) {
  wire::Unknown envelope;
  if (!read_envelope(envelope, body) || envelope.type_meta().kind() != "Status")
    return std::nullopt;
  return read_status(envelope.raw());
}

} // namespace troupe::kube
