// SPDX-License-Identifier: Apache-2.0
#include "net/kube/manifest_objects.hpp"

#include <fmt/format.h>

namespace troupe::kube::manifest {

namespace {

constexpr auto service_name_label = "kubernetes.io/service-name";

/// Reads one object; errors go to the collection with the line of what is wrong.
class object_reader {
public:
  object_reader(const std::string& file, const yaml::node& root, collection& into)
    : file_(file), root_(root), into_(into) {}

  /// The items of a list that the API server wrote name neither kind nor version: the list does.
  void read(const std::string& kind_of_list = {}, const std::string& version_of_list = {}) {
    const std::string kind = root_["kind"].is_null() ? kind_of_list : root_["kind"].text();
    const std::string version = root_["apiVersion"].is_null() ? version_of_list : root_["apiVersion"].text();
    if (kind.empty() || version.empty())
      return fail(root_, "has no kind or no apiVersion");
    const bool core = version == "v1";
    if (core && kind == "Namespace")
      read_namespace();
    else if (core && kind == "Service")
      read_service();
    else if (core && kind == "Pod")
      read_pod();
    else if (core && kind == "Endpoints")
      read_endpoints();
    else if (version == "apps/v1" && (kind == "Deployment" || kind == "StatefulSet"))
      read_workload(kind);
    else if (version == "discovery.k8s.io/v1" && kind == "EndpointSlice")
      read_slice();
    else if (version == "multicluster.x-k8s.io/v1alpha1" && kind == "ServiceImport")
      read_import();
    else
      into_.warnings.push_back(
        {file_, root_.line(),
         fmt::format("{} {} of {} is left out: only Namespace, Service, Pod, Endpoints (v1), Deployment, StatefulSet "
                     "(apps/v1), EndpointSlice (discovery.k8s.io/v1) and ServiceImport "
                     "(multicluster.x-k8s.io/v1alpha1) are read",
                     quote(kind), quote(root_["metadata"]["name"].text()), quote(version))});
  }

private:
  void fail(const yaml::node& at, std::string what) {
    into_.errors.push_back({file_, at.line() > 0 ? at.line() : root_.line(), std::move(what)});
  }

  place here() const { return {file_, root_.line()}; }

  raw_meta meta(bool namespaced) const {
    auto& from = root_["metadata"];
    raw_meta out{{}, from["name"].text(), from["uid"].text()};
    if (namespaced)
      out.namespace_ = from["namespace"].text().empty() ? "default" : from["namespace"].text();
    return out;
  }

  static labels read_labels(const yaml::node& from) {
    labels out;
    for (size_t i = 0; i < from.keys().size(); ++i)
      out[from.keys()[i]] = from.items()[i]->text();
    return out;
  }

  std::vector<std::string> texts(const yaml::node& from) {
    std::vector<std::string> out;
    if (expect_sequence(from))
      for (auto& item : from.items())
        out.push_back(item->text());
    return out;
  }

  bool expect_sequence(const yaml::node& node) {
    if (!node.is_null() && !node.is_sequence())
      fail(node, "a list is expected here");
    return node.is_sequence();
  }

  raw_port read_port(const yaml::node& from, const char* number) {
    raw_port out{from["name"].text(), from["protocol"].text(), std::nullopt};
    if (auto& value = from[number]; !value.is_null()) {
      out.number = value.integer();
      if (!out.number)
        fail(value, fmt::format("{} {} is not a number", number, quote(value.text())));
    }
    return out;
  }

  template <class Object>
  void add(by_name<Object>& to, const raw_meta& meta, const char* kind, Object&& object) {
    auto [found, is_new] = to.try_emplace({meta.namespace_, meta.name}, std::move(object));
    if (!is_new)
      fail(root_, fmt::format("{} {}/{} is there already: {}:{}", kind, meta.namespace_, meta.name,
                              found->second.at.file, found->second.at.line));
  }

  /// Names become parts of keys and messages, so they are checked first; check() does the rest.
  bool good_names(const raw_meta& meta) {
    if (is_subdomain(meta.name) && is_label(meta.namespace_))
      return true;
    fail(root_["metadata"], fmt::format("namespace {} or name {} is not a DNS name in lower case",
                                        quote(meta.namespace_), quote(meta.name)));
    return false;
  }

  /// The API server gives this label to every namespace.
  collection::namespace_entry& named_namespace(const std::string& name, const place& at) {
    auto [entry, fresh] = into_.namespaces.try_emplace(name, collection::namespace_entry{at, {}});
    if (fresh)
      entry->second.tags["kubernetes.io/metadata.name"] = name;
    return entry->second;
  }

  void read_namespace() {
    auto names = meta(false);
    if (!is_label(names.name))
      return fail(root_["metadata"], fmt::format("name {} is not a DNS label in lower case", quote(names.name)));
    auto& entry = named_namespace(names.name, here()); // several files may say so
    for (auto& [key, value] : read_labels(root_["metadata"]["labels"]))
      entry.tags.insert_or_assign(key, value);
  }

  void read_service() {
    service_object out;
    auto& spec = root_["spec"];
    out.at = here();
    out.raw.meta = meta(true);
    if (!good_names(out.raw.meta))
      return;
    out.tags = read_labels(root_["metadata"]["labels"]);
    out.raw.cluster_ip = spec["clusterIP"].text();
    out.raw.cluster_ips = texts(spec["clusterIPs"]);
    out.raw.type = spec["type"].text();
    out.raw.external_name = spec["externalName"].text();
    out.raw.external_ips = texts(spec["externalIPs"]);
    if (auto& balancers = root_["status"]["loadBalancer"]["ingress"]; expect_sequence(balancers))
      for (auto& item : balancers.items())
        out.raw.load_balancer.push_back({(*item)["ip"].text(), (*item)["hostname"].text()});
    out.selector = read_labels(spec["selector"]);
    out.not_ready_too = spec["publishNotReadyAddresses"].boolean().value_or(false);
    for (auto& family : texts(spec["ipFamilies"]))
      out.families.push_back(family == "IPv6");
    if (expect_sequence(spec["ports"]))
      for (auto& item : spec["ports"].items())
        read_service_port(*item, out);
    named_namespace(out.raw.meta.namespace_, out.at);
    const raw_meta names = out.raw.meta;
    add(into_.services, names, "Service", std::move(out));
  }

  void read_service_port(const yaml::node& from, service_object& out) {
    auto port = read_port(from, "port");
    if (!port.number)
      return fail(from, "a service's port has no number");
    target_port target{{}, *port.number};
    if (auto& value = from["targetPort"]; !value.is_null()) {
      auto number = value.integer();
      target = number ? target_port{{}, *number} : target_port{value.text(), 0};
      if (number && (*number < 1 || *number > 65535))
        return fail(value, fmt::format("targetPort {} is not in 1 to 65535", *number));
    }
    out.raw.ports.push_back(std::move(port));
    out.targets.push_back(std::move(target));
  }

  void read_pod() {
    pod_object out;
    auto& spec = root_["spec"];
    out.at = here();
    out.meta = meta(true);
    if (!good_names(out.meta))
      return;
    out.tags = read_labels(root_["metadata"]["labels"]);
    read_pod_spec(spec, out);
    read_status(out);
    named_namespace(out.meta.namespace_, out.at);
    const raw_meta names = out.meta;
    add(into_.pods, names, "Pod", std::move(out));
  }

  void read_pod_spec(const yaml::node& spec, pod_object& out) {
    out.hostname = spec["hostname"].text();
    out.subdomain = spec["subdomain"].text();
    if (!out.hostname.empty() && !is_label(out.hostname))
      fail(spec["hostname"], fmt::format("hostname {} is not a DNS label in lower case", quote(out.hostname)));
    if (expect_sequence(spec["containers"]))
      for (auto& container : spec["containers"].items())
        if (auto& ports = (*container)["ports"]; expect_sequence(ports))
          for (auto& port : ports.items())
            out.ports.push_back(read_port(*port, "containerPort"));
  }

  /// Deployment or StatefulSet; what the API server would refuse is refused.
  void read_workload(const std::string& kind) {
    workload_object out;
    auto& spec = root_["spec"];
    auto& pod = spec["template"];
    out.at = here();
    out.meta = meta(true);
    out.stateful = kind == "StatefulSet";
    if (!good_names(out.meta))
      return;
    out.replicas = read_count(spec["replicas"], 1, max_replicas);
    out.selector = read_labels(spec["selector"]["matchLabels"]);
    out.pod.at = out.at;
    out.pod.tags = read_labels(pod["metadata"]["labels"]);
    read_pod_spec(pod["spec"], out.pod);
    for (auto& [label, value] : out.selector)
      if (auto found = out.pod.tags.find(label); found == out.pod.tags.end() || found->second != value)
        return fail(spec["selector"], "the selector does not fit the labels of the template");
    if (out.selector.empty() && spec["selector"]["matchExpressions"].items().empty())
      return fail(spec, "has no selector");
    if (out.stateful) {
      out.first_ordinal = read_count(spec["ordinals"]["start"], 0, max_ordinal);
      out.pod.subdomain = spec["serviceName"].text();
    }
    named_namespace(out.meta.namespace_, out.at);
    const raw_meta names = out.meta;
    add(out.stateful ? into_.stateful_sets : into_.deployments, names, kind.c_str(), std::move(out));
  }

  int64_t read_count(const yaml::node& from, int64_t otherwise, int64_t most) {
    const auto value = from.is_null() ? otherwise : from.integer();
    if (value && *value >= 0 && *value <= most)
      return *value;
    fail(from, fmt::format("{} is no number in 0 to {}", quote(from.text()), most));
    return otherwise;
  }

  void read_endpoints() {
    endpoints_object out;
    out.at = here();
    const raw_meta names = meta(true);
    if (!good_names(names))
      return;
    out.tags = read_labels(root_["metadata"]["labels"]);
    if (expect_sequence(root_["subsets"]))
      for (auto& subset : root_["subsets"].items())
        out.subsets.push_back(read_subset(*subset, names));
    named_namespace(names.namespace_, out.at);
    add(into_.endpoints, names, "Endpoints", std::move(out));
  }

  raw_slice read_subset(const yaml::node& from, const raw_meta& of) {
    raw_slice out;
    out.meta = of;
    out.service = of.name;
    out.address_type = "IPv4"; // check() takes either family
    if (expect_sequence(from["ports"]))
      for (auto& item : from["ports"].items())
        out.ports.push_back(read_port(*item, "port"));
    if (expect_sequence(from["addresses"]))
      for (auto& item : from["addresses"].items()) {
        auto& made = out.endpoints.emplace_back();
        made.addresses = {(*item)["ip"].text()};
        made.hostname = (*item)["hostname"].text();
        made.target_kind = (*item)["targetRef"]["kind"].text();
        made.target_name = (*item)["targetRef"]["name"].text();
      }
    return out;
  }

  void read_status(pod_object& out) {
    auto& status = root_["status"];
    for (auto& item : status["podIPs"].items())
      out.addresses.push_back((*item)["ip"].text());
    if (out.addresses.empty() && !status["podIP"].text().empty())
      out.addresses.push_back(status["podIP"].text());
    for (auto& text : out.addresses)
      if (!address::from_text(text))
        fail(status, fmt::format("podIP {} is not an address", quote(text)));
    const std::string phase = status["phase"].text();
    out.running = phase.empty() || phase == "Running" || phase == "Pending";
    out.terminating = !root_["metadata"]["deletionTimestamp"].is_null();
    out.ready = phase != "Pending" && !out.terminating;
    for (auto& condition : status["conditions"].items())
      if ((*condition)["type"].text() == "Ready" && (*condition)["status"].text() != "True")
        out.ready = false;
  }

  void read_slice() {
    slice_object out;
    out.at = here();
    out.raw.meta = meta(true);
    if (!good_names(out.raw.meta))
      return;
    auto& labels = root_["metadata"]["labels"];
    out.tags = read_labels(labels);
    out.raw.service = labels[service_name_label].text();
    out.raw.imported = labels["multicluster.kubernetes.io/service-name"].text();
    out.raw.source_cluster = labels["multicluster.kubernetes.io/source-cluster"].text();
    out.raw.address_type = root_["addressType"].text();
    if (expect_sequence(root_["ports"]))
      for (auto& item : root_["ports"].items())
        out.raw.ports.push_back(read_port(*item, "port"));
    if (expect_sequence(root_["endpoints"]))
      for (auto& item : root_["endpoints"].items())
        out.raw.endpoints.push_back({texts((*item)["addresses"]), (*item)["hostname"].text(),
                                     (*item)["targetRef"]["kind"].text(), (*item)["targetRef"]["name"].text(),
                                     (*item)["conditions"]["ready"].boolean(), (*item)["zone"].text()});
    named_namespace(out.raw.meta.namespace_, out.at);
    if (out.raw.service.empty() && out.raw.imported.empty()) {
      into_.warnings.push_back({file_, root_.line(),
                                fmt::format("EndpointSlice {}/{} is left out: it has no label {}",
                                            out.raw.meta.namespace_, out.raw.meta.name, service_name_label)});
      return;
    }
    const raw_meta names = out.raw.meta;
    add(into_.slices, names, "EndpointSlice", std::move(out));
  }

  void read_import() {
    import_object out;
    auto& spec = root_["spec"];
    out.at = here();
    out.raw.meta = meta(true);
    if (!good_names(out.raw.meta))
      return;
    out.raw.type = spec["type"].text();
    out.raw.ips = texts(spec["ips"]);
    if (expect_sequence(spec["ports"]))
      for (auto& item : spec["ports"].items()) {
        out.raw.ports.push_back(read_port(*item, "port"));
        if (!out.raw.ports.back().number)
          fail(*item, "a port has no number");
      }
    named_namespace(out.raw.meta.namespace_, out.at);
    const raw_meta names = out.raw.meta;
    add(into_.imports, names, "ServiceImport", std::move(out));
  }

  const std::string& file_;
  const yaml::node& root_;
  collection& into_;
};

bool is_list(const yaml::node& node) {
  const std::string& kind = node["kind"].text();
  return kind.size() >= 4 && kind.compare(kind.size() - 4, 4, "List") == 0 && node["items"].is_sequence();
}

} // namespace

void collect(const std::string& file, const yaml::node& document, collection& into) {
  if (!document.is_map()) {
    into.errors.push_back(
      {file, document.line(), "is no Kubernetes object: a map with apiVersion, kind and metadata is expected"});
    return;
  }
  if (!is_list(document))
    return object_reader(file, document, into).read();
  const std::string& list = document["kind"].text();
  for (auto& item : document["items"].items())
    if (item->is_map())
      object_reader(file, *item, into).read(list.substr(0, list.size() - 4), document["apiVersion"].text());
    else
      into.errors.push_back({file, item->line(), "an item of a List is no object"});
}

} // namespace troupe::kube::manifest
