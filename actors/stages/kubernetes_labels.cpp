// SPDX-License-Identifier: Apache-2.0
#include "actors/questions/client.hpp"
#include "actors/stages/kubernetes.hpp"
#include "actors/stages/label_providers.hpp"
#include "net/zone/question.hpp"

namespace troupe {

namespace {

/// As text, escaped like in a name.
std::string label_text(std::string_view octets) {
  dns::name one;
  one.prepend(octets);
  std::string text = one.to_text();
  text.pop_back();
  return text;
}

std::string bare_text(std::string_view octets) {
  return label_text(octets.starts_with('_') ? octets.substr(1) : octets);
}

/// Of `<topology zone>.(pin | prefer)._zone.…`: the labels in front.
std::string topology_zone(const zone::question& q) {
  std::string out;
  for (size_t at = 0; at < q.directive_at; at += 1u + q.lowered[at])
    out += (at == 0 ? "" : ".") + label_text(q.label(at));
  return out;
}

bool has_grammar(const zone::question& q) noexcept {
  using zone::form;
  return q.kind == form::apex || q.kind == form::empty || q.kind == form::namespace_only ||
         q.kind == form::pod_namespace || q.kind == form::pod || q.kind == form::service;
}

class kubernetes_labels final : public label_provider {
public:
  kubernetes_labels(const config::kubernetes_options& options, zone::options answers,
                    std::shared_ptr<cluster_on_loop> cluster)
    : zone_of_(options.zone_of), options_(std::move(answers)), cluster_(std::move(cluster)) {
    options_.multicluster.clear(); // CoreDNS looks for the zone of a question that has none yet, so it never knows
  }

  std::string_view prefix() const noexcept override { return "kubernetes/"; }

  std::optional<std::string> label(std::string_view name, const net::slot& asked) const override {
    if (name.starts_with("client-"))
      return of_client(name.substr(7), asked);
    const size_t zone = zone_of_.longest(asked.query.name_lowered());
    if (zone == config::zone_index::none)
      return std::nullopt;
    const size_t skip = asked.query.qname_octets - options_.zones[zone].size();
    const zone::question q = zone::parse_question(asked.query, skip, options_);
    if (!has_grammar(q))
      return name == "parse-error" ? std::optional<std::string>{"invalid query name"} : std::nullopt;
    return of_name(name, q);
  }

private:
  std::optional<std::string> of_name(std::string_view name, const zone::question& q) const {
    using zone::form;
    const bool named = q.kind == form::pod || q.kind == form::service;
    const bool in_namespace = named || q.kind == form::namespace_only || q.kind == form::pod_namespace;
    const std::string none;
    if (name == "service")
      return named ? label_text(q.service_label()) : none;
    if (name == "namespace")
      return in_namespace ? label_text(q.namespace_label()) : none;
    if (name == "kind")
      return !in_namespace ? none : q.kind == form::pod || q.kind == form::pod_namespace ? "pod" : "svc";
    if (name == "endpoint")
      return named && q.front == 1 ? label_text(q.label(0)) : none;
    if (name == "port-name")
      return named && q.front == 2 ? bare_text(q.label(0)) : none;
    if (name == "protocol")
      return named && q.front == 2 ? bare_text(q.label(1u + q.lowered[0])) : none;
    if (name == "zone" && options_.zonal)
      return q.front == zone::question::topology_zone ? topology_zone(q) : none;
    return std::nullopt;
  }

  /// Of pods that share an address, as those of a node's network do, one is as good as another, in CoreDNS too.
  std::optional<std::string> of_client(std::string_view name, const net::slot& asked) const {
    if (options_.pods != zone::options::pods_mode::verified)
      return std::nullopt;
    zone::pod_record_ptr pod;
    cluster_->pods.get()->visit(zone::address_key(address_of(asked.from)), [&](const zone::pod_row& row) {
      pod = row.pod;
      return false;
    });
    if (!pod)
      return std::nullopt;
    if (name == "namespace")
      return pod->namespace_;
    if (name == "pod-name")
      return pod->name;
    constexpr std::string_view of_label = "label/";
    if (!name.starts_with(of_label))
      return std::nullopt;
    const auto found = std::ranges::find(pod->labels, name.substr(of_label.size()), &kube::label::key);
    return found == pod->labels.end() ? std::nullopt : std::optional{found->value};
  }

  const config::zone_index zone_of_;
  zone::options options_;
  const std::shared_ptr<cluster_on_loop> cluster_;
};

} // namespace

std::unique_ptr<label_provider> labels_of_kubernetes(const config::server_block& block,
                                                     const loop_resources& resources) {
  const config::kubernetes_options& options = *block.kubernetes;
  return std::make_unique<kubernetes_labels>(options, answer_options(block, resources),
                                             resources.clusters.at(options.identity()));
}

} // namespace troupe
