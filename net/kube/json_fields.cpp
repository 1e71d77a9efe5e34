// SPDX-License-Identifier: Apache-2.0
#include "net/kube/json_fields.hpp"

namespace troupe::kube::json {

namespace {

using simdjson::dom::element;

constexpr int64_t not_a_port = -1; ///< a number that check() refuses

/// Calls `use(key, value)` for each member in order; nothing if it is not an object.
template <class Use>
void each_member(maybe_element value, Use use) {
  simdjson::dom::object object;
  if (value && value->get(object) == simdjson::SUCCESS)
    for (auto field : object)
      use(field.key, field.value);
}

template <class Use>
void each_element(maybe_element value, Use use) {
  simdjson::dom::array array;
  if (value && value->get(array) == simdjson::SUCCESS)
    for (auto item : array)
      use(item);
}

std::vector<std::string> texts(element array) {
  std::vector<std::string> result;
  each_element(array, [&](element item) { result.push_back(text(item)); });
  return result;
}

std::optional<int64_t> port_number(element value) {
  if (value.is_null())
    return std::nullopt;
  int64_t number = not_a_port;
  if (value.get(number) != simdjson::SUCCESS)
    return not_a_port;
  return number;
}

std::optional<uint64_t> count(element value) {
  uint64_t number = 0;
  return value.get(number) == simdjson::SUCCESS ? std::optional{number} : std::nullopt;
}

std::vector<raw_port> read_ports(element array) {
  std::vector<raw_port> result;
  each_element(array, [&](element item) {
    raw_port port;
    each_member(item, [&](std::string_view key, element value) {
      if (key == "name")
        port.name = text(value);
      else if (key == "protocol")
        port.protocol = text(value);
      else if (key == "port")
        port.number = port_number(value);
    });
    result.push_back(std::move(port));
  });
  return result;
}

/// Only a slice may leave a port's number open.
std::vector<raw_port> read_numbered_ports(element array) {
  auto ports = read_ports(array);
  for (auto& port : ports)
    if (!port.number)
      port.number = not_a_port;
  return ports;
}

raw_endpoint read_endpoint(element item, const kept& keep) {
  raw_endpoint out;
  each_member(item, [&](std::string_view key, element value) {
    if (key == "addresses") {
      out.addresses = texts(value);
    } else if (key == "hostname") {
      out.hostname = text(value);
    } else if (key == "conditions") {
      out.ready.reset();
      bool ready = true;
      if (auto condition = member(value, "ready"); condition && condition->get(ready) == simdjson::SUCCESS)
        out.ready = ready;
    } else if (key == "targetRef" && keep.pod_names) {
      out.target_kind = text(member(value, "kind"));
      out.target_name = text(member(value, "name"));
    } else if (key == "zone" && keep.zones) {
      out.zone = text(value);
    }
  });
  return out;
}

} // namespace

maybe_element member(maybe_element object, std::string_view key) {
  maybe_element result;
  each_member(object, [&](std::string_view name, element value) {
    if (name == key)
      result = value;
  });
  return result;
}

std::string text(maybe_element value) {
  std::string_view result;
  return value && value->get(result) == simdjson::SUCCESS ? std::string{result} : std::string{};
}

object_metadata read_metadata(element object) {
  object_metadata out;
  each_member(member(object, "metadata"), [&](std::string_view key, element value) {
    if (key == "name")
      out.names.name = text(value);
    else if (key == "namespace")
      out.names.namespace_ = text(value);
    else if (key == "uid")
      out.names.uid = text(value);
    else if (key == "resourceVersion")
      out.resource_version = text(value);
    else if (key == "labels")
      each_member(value, [&](std::string_view label, element text_of) { out.take_label(label, text(text_of)); });
    else if (key == "deletionTimestamp")
      out.terminating = !text(value).empty();
    else if (key == "annotations")
      each_member(value, [&](std::string_view name, element text_of) { out.take_annotation(name, text(text_of)); });
  });
  return out;
}

list_end read_list_end(element list) {
  list_end out;
  each_member(member(list, "metadata"), [&](std::string_view key, element value) {
    if (key == "resourceVersion")
      out.resource_version = text(value);
    else if (key == "continue")
      out.continue_token = text(value);
    else if (key == "remainingItemCount")
      out.remaining = count(value);
  });
  return out;
}

raw_service read_service(element object, raw_meta names) {
  raw_service out;
  out.meta = std::move(names);
  each_member(member(object, "spec"), [&](std::string_view key, element value) {
    if (key == "clusterIP")
      out.cluster_ip = text(value);
    else if (key == "clusterIPs")
      out.cluster_ips = texts(value);
    else if (key == "type")
      out.type = text(value);
    else if (key == "externalName")
      out.external_name = text(value);
    else if (key == "ports")
      out.ports = read_numbered_ports(value);
    else if (key == "externalIPs")
      out.external_ips = texts(value);
  });
  each_element(member(member(member(object, "status"), "loadBalancer"), "ingress"), [&](element item) {
    out.load_balancer.push_back({text(member(item, "ip")), text(member(item, "hostname"))});
  });
  return out;
}

raw_slice read_slice(element object, object_metadata&& meta, const kept& keep) {
  raw_slice out;
  out.meta = std::move(meta.names);
  out.service = std::move(meta.service_name);
  out.imported = std::move(meta.imported);
  out.source_cluster = std::move(meta.source_cluster);
  out.last_change_trigger = std::move(meta.last_change_trigger);
  each_member(object, [&](std::string_view key, element value) {
    if (key == "addressType") {
      out.address_type = text(value);
    } else if (key == "endpoints") {
      out.endpoints.clear();
      each_element(value, [&](element item) { out.endpoints.push_back(read_endpoint(item, keep)); });
    } else if (key == "ports") {
      out.ports = read_ports(value);
    }
  });
  return out;
}

raw_pod read_pod(element object, object_metadata&& meta, const kept& keep) {
  raw_pod out;
  out.meta = std::move(meta.names);
  out.terminating = meta.terminating;
  if (keep.labels)
    each_member(member(member(object, "metadata"), "labels"), [&](std::string_view key, element value) {
      out.labels.push_back({std::string{key}, text(value)});
    });
  each_member(member(object, "status"), [&](std::string_view key, element value) {
    if (key == "podIP") {
      out.ip = text(value);
    } else if (key == "podIPs") {
      out.ips.clear();
      each_element(value, [&](element item) { out.ips.push_back(text(member(item, "ip"))); });
    } else if (key == "phase") {
      out.phase = text(value);
    }
  });
  return out;
}

raw_import read_import(element object, raw_meta names) {
  raw_import out;
  out.meta = std::move(names);
  each_member(member(object, "spec"), [&](std::string_view key, element value) {
    if (key == "type")
      out.type = text(value);
    else if (key == "ips")
      out.ips = texts(value);
    else if (key == "ports")
      out.ports = read_numbered_ports(value);
  });
  return out;
}

api_failure read_status(element object) {
  api_failure out;
  each_member(object, [&](std::string_view key, element value) {
    int64_t number = 0;
    if (key == "code" && value.get(number) == simdjson::SUCCESS && number >= 0 && number < 1000)
      out.code = static_cast<int>(number);
    else if (key == "reason")
      out.reason = text(value);
    else if (key == "message")
      out.message = text(value);
    else if (key == "details")
      if (auto wait = member(value, "retryAfterSeconds");
          wait && wait->get(number) == simdjson::SUCCESS && number > 0 && number <= 86'400)
        out.retry_after = static_cast<int>(number);
  });
  return out;
}

} // namespace troupe::kube::json
