// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/pod_search.hpp"

#include "actors/questions/client.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace troupe {

namespace {

/// A name below `NS.svc.ZONE`.
struct pod_name {
  std::string_view namespace_;
  size_t zone; ///< index among those of `kubernetes`
};

class pod_lists final : public search_lists {
public:
  pod_lists(const config::kubernetes_options& options, std::shared_ptr<cluster_on_loop> cluster,
            std::vector<dns::name> rest)
    : zones_(options.zones), zone_of_(options.zone_of), cluster_(std::move(cluster)), rest_(std::move(rest)) {}

  bool begins(const net::slot& slot) const override {
    const auto name = read(slot);
    if (!name)
      return false;
    bool found = false;
    cluster_->pods.get()->visit(zone::address_key(address_of(slot.from)), [&](const zone::pod_row& row) {
      return !(found = row.pod->namespace_ == name->namespace_);
    });
    return found;
  }

  std::vector<dns::name> list_of(const net::slot& slot) const override {
    const auto name = *read(slot);
    dns::name of_zone = zones_[name.zone], of_services = of_zone;
    of_services.prepend("svc"); // it fits: the question's name is below all of them
    dns::name of_namespace = of_services;
    of_namespace.prepend(name.namespace_);
    std::vector<dns::name> out{of_namespace, of_services, of_zone};
    out.insert(out.end(), rest_.begin(), rest_.end());
    out.emplace_back();
    return out;
  }

private:
  /// Nothing unless at least one label stands in front of `NS.svc.ZONE`.
  std::optional<pod_name> read(const net::slot& slot) const {
    const dns::name_view lowered = slot.query.name_lowered();
    const size_t zone = zone_of_.longest(lowered);
    if (zone == config::zone_index::none)
      return std::nullopt;
    const size_t zone_at = lowered.size() - zones_[zone].size();
    std::string_view last, before_last;
    size_t labels = 0;
    for (size_t at = 0; at < zone_at; at += 1u + lowered[at], ++labels)
      before_last = std::exchange(last, zone::text_of(lowered.subspan(at + 1, lowered[at])));
    if (labels < 3 || last != "svc")
      return std::nullopt;
    return pod_name{before_last, zone};
  }

  const std::vector<dns::name> zones_;
  const config::zone_index zone_of_;
  const std::shared_ptr<cluster_on_loop> cluster_;
  const std::vector<dns::name> rest_;
};

} // namespace

std::unique_ptr<search_lists> search_lists_of_pods(const config::kubernetes_options& options,
                                                   std::shared_ptr<cluster_on_loop> cluster,
                                                   std::vector<dns::name> rest) {
  return std::make_unique<pod_lists>(options, std::move(cluster), std::move(rest));
}

} // namespace troupe
