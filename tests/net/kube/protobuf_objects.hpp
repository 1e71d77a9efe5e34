// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/kubernetes.pb.h"
#include "net/kube/objects.hpp"
#include "net/kube/protobuf_splitter.hpp"
#include "net/kube/type_name.hpp"

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Objects written as JSON, in Kubernetes' protobuf encoding: as the API server would send the same object.
namespace troupe::kube::test {

using json = simdjson::dom::element;

inline std::string text_of(json object, const char* key) {
  std::string_view out;
  return object[key].get(out) == simdjson::SUCCESS ? std::string{out} : std::string{};
}

template <class Use>
void each(json object, const char* key, Use use) {
  simdjson::dom::array items;
  if (object[key].get(items) == simdjson::SUCCESS)
    for (json item : items)
      use(item);
}

template <class Use>
void inside(json object, const char* key, Use use) {
  json found;
  if (object[key].get(found) == simdjson::SUCCESS && found.is_object())
    use(found);
}

template <class Entries>
void put_entries(json object, const char* key, Entries add) {
  simdjson::dom::object map;
  if (object[key].get(map) == simdjson::SUCCESS)
    for (auto field : map) {
      auto* entry = add();
      entry->set_key(std::string{field.key});
      entry->set_value(std::string{std::string_view{field.value}});
    }
}

inline void put_metadata(json object, wire::ObjectMeta& out) {
  inside(object, "metadata", [&](json meta) {
    out.set_name(text_of(meta, "name"));
    out.set_namespace_(text_of(meta, "namespace"));
    out.set_uid(text_of(meta, "uid"));
    out.set_resource_version(text_of(meta, "resourceVersion"));
    put_entries(meta, "labels", [&] { return out.add_labels(); });
    put_entries(meta, "annotations", [&] { return out.add_annotations(); });
    if (!text_of(meta, "deletionTimestamp").empty())
      out.mutable_deletion_timestamp();
  });
  // What we do not read: generation (7) and an entry of managedFields (17) with a manager (1).
  out.MergeFromString(std::string{"\x38\x01", 2} + std::string{"\x8a\x01\x06\x0a\x04helm", 9});
}

template <class Port>
void put_port(json from, Port& out) {
  int64_t number = 0;
  out.set_name(text_of(from, "name"));
  out.set_protocol(text_of(from, "protocol"));
  if (from["port"].get(number) == simdjson::SUCCESS)
    out.set_port(static_cast<int32_t>(number));
}

inline std::string service_octets(json from) {
  wire::Service out;
  put_metadata(from, *out.mutable_metadata());
  inside(from, "spec", [&](json spec) {
    auto& to = *out.mutable_spec();
    to.set_cluster_ip(text_of(spec, "clusterIP"));
    to.set_type(text_of(spec, "type"));
    to.set_external_name(text_of(spec, "externalName"));
    each(spec, "clusterIPs", [&](json ip) { to.add_cluster_ips(std::string{std::string_view{ip}}); });
    each(spec, "externalIPs", [&](json ip) { to.add_external_ips(std::string{std::string_view{ip}}); });
    each(spec, "ports", [&](json port) { put_port(port, *to.add_ports()); });
  });
  inside(from, "status", [&](json status) {
    inside(status, "loadBalancer", [&](json balancer) {
      each(balancer, "ingress", [&](json item) {
        auto& to = *out.mutable_status()->mutable_load_balancer()->add_ingress();
        to.set_ip(text_of(item, "ip"));
        to.set_hostname(text_of(item, "hostname"));
      });
    });
  });
  return out.SerializeAsString();
}

inline void put_endpoint(json from, wire::Endpoint& out) {
  each(from, "addresses", [&](json address) { out.add_addresses(std::string{std::string_view{address}}); });
  out.set_hostname(text_of(from, "hostname"));
  out.set_zone(text_of(from, "zone"));
  inside(from, "conditions", [&](json conditions) {
    bool ready = false;
    out.mutable_conditions();
    if (conditions["ready"].get(ready) == simdjson::SUCCESS)
      out.mutable_conditions()->set_ready(ready);
  });
  inside(from, "targetRef", [&](json target) {
    out.mutable_target_ref()->set_kind(text_of(target, "kind"));
    out.mutable_target_ref()->set_name(text_of(target, "name"));
  });
}

inline std::string slice_octets(json from) {
  wire::EndpointSlice out;
  put_metadata(from, *out.mutable_metadata());
  out.set_address_type(text_of(from, "addressType"));
  each(from, "endpoints", [&](json endpoint) { put_endpoint(endpoint, *out.add_endpoints()); });
  each(from, "ports", [&](json port) { put_port(port, *out.add_ports()); });
  return out.SerializeAsString();
}

inline std::string pod_octets(json from) {
  wire::Pod out;
  put_metadata(from, *out.mutable_metadata());
  inside(from, "status", [&](json status) {
    out.mutable_status()->set_phase(text_of(status, "phase"));
    out.mutable_status()->set_pod_ip(text_of(status, "podIP"));
    each(status, "podIPs", [&](json item) { out.mutable_status()->add_pod_ips()->set_ip(text_of(item, "ip")); });
  });
  return out.SerializeAsString();
}

inline std::string any_octets(json from) {
  wire::AnyObject out;
  put_metadata(from, *out.mutable_metadata());
  return out.SerializeAsString();
}

inline std::string octets_of(resource which, std::string_view text) {
  simdjson::dom::parser parser;
  const json object = parser.parse(simdjson::padded_string{text}).value();
  switch (which) {
  case resource::service:
    return service_octets(object);
  case resource::endpoint_slice:
    return slice_octets(object);
  case resource::pod:
    return pod_octets(object);
  default:
    return any_octets(object);
  }
}

/// "k8s\0" and a runtime.Unknown around `raw`.
inline std::string enveloped(const type_name& type, std::string raw) {
  wire::Unknown out;
  out.mutable_type_meta()->set_api_version(std::string{type.api_version});
  out.mutable_type_meta()->set_kind(std::string{type.kind});
  out.set_raw(std::move(raw));
  const std::string behind{"\x1a\x00\x22\x00", 4}; // contentEncoding, contentType: both empty
  return std::string{protobuf_magic} + out.SerializeAsString() + behind;
}

/// A field that holds octets.
inline std::string field(unsigned number, std::string_view octets) {
  std::string out{static_cast<char>(number << 3 | 2)};
  size_t length = octets.size();
  for (; length >= 0x80; length >>= 7)
    out += static_cast<char>(length | 0x80);
  return out + static_cast<char>(length) + std::string{octets};
}

inline std::string list_of(const std::vector<std::string>& items, const std::string& version,
                           const std::string& more = {}, std::optional<int64_t> remaining = {},
                           resource which = resource::service) {
  wire::ListMeta meta;
  if (remaining)
    meta.set_remaining_item_count(*remaining);
  meta.set_resource_version(version);
  meta.set_continue_(more);
  std::string raw = field(1, meta.SerializeAsString());
  for (auto& item : items)
    raw += field(2, item);
  const std::string kind = std::string{type_of(which).kind} + "List";
  return enveloped({kind, type_of(which).api_version}, raw);
}

/// One frame of a watch.
inline std::string frame(std::string_view octets) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(octets.size() >> shift & 0xff);
  return out + std::string{octets};
}

inline std::string event_of(const std::string& type, std::string object, const type_name& of = {"Service", "v1"}) {
  wire::WatchEvent out;
  out.set_type(type);
  out.mutable_object()->set_raw(enveloped(of, std::move(object)));
  return frame(out.SerializeAsString());
}

} // namespace troupe::kube::test
