// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/label_providers.hpp"

#include "actors/questions/client.hpp"
#include "config/directives/geoip.hpp"

namespace troupe {

namespace {

class view_labels final : public label_provider {
public:
  explicit view_labels(std::string view) : view_(std::move(view)) {}

  std::string_view prefix() const noexcept override { return "view/"; }
  std::optional<std::string> label(std::string_view name, const net::slot&) const override {
    return name == "name" ? std::optional{view_} : std::nullopt;
  }

private:
  const std::string view_;
};

class geoip_labels final : public label_provider {
public:
  explicit geoip_labels(const config::geoip_options& options) : options_(options) {}

  std::string_view prefix() const noexcept override { return "geoip/"; }
  std::optional<std::string> label(std::string_view name, const net::slot& asked) const override {
    if (options_.by_subnet && asked.query.edns.has_subnet)
      return options_.database->label(name, asked.query.client_subnet);
    const kube::address client = address_of(asked.from);
    return options_.database->label(name, std::span{client.octets}.first(client.v6 ? 16 : 4));
  }

private:
  const config::geoip_options options_;
};

} // namespace

std::unique_ptr<const plan_labels> labels_of(const config::plan& source, const config::listener_plan& listener,
                                             const loop_resources& resources) {
  std::unique_ptr<plan_labels> out;
  for (const config::served_zone& zone : listener.zones) {
    const config::server_block& block = source.blocks[zone.block];
    if (!block.uses.contains("metadata") || (out && out->of_block(zone.block)))
      continue;
    auto made = std::make_unique<block_labels>();
    made->zones = block.own<config::metadata_options>("metadata").zones;
    if (block.uses.contains("view"))
      made->providers.push_back(std::make_unique<view_labels>(block.view));
    if (block.uses.contains("geoip"))
      made->providers.push_back(std::make_unique<geoip_labels>(block.own<config::geoip_options>("geoip")));
    if (block.kubernetes)
      made->providers.push_back(labels_of_kubernetes(block, resources));
    if (!out)
      out = std::make_unique<plan_labels>(listener);
    out->enter(zone.block, std::move(made));
  }
  return out;
}

} // namespace troupe
