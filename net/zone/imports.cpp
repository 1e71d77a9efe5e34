// SPDX-License-Identifier: Apache-2.0
#include "net/zone/imports.hpp"

namespace troupe::zone {

namespace {

kube::service service_of(const kube::service_import& from) {
  kube::service out;
  out.namespace_ = from.namespace_;
  out.name = from.name;
  out.type = from.headless ? kube::service::kind::headless : kube::service::kind::cluster_ip;
  out.cluster_ips = from.ips;
  out.ports = from.ports;
  return out;
}

} // namespace

std::optional<kube::change> as_import(const kube::change& change) {
  using what = kube::change::what;
  if (auto* import = std::get_if<kube::service_import>(&change.object))
    return kube::change{change.kind, service_of(*import)};
  auto* slice = std::get_if<kube::endpoint_slice>(&change.object);
  if (!slice)
    return std::nullopt;
  if (change.kind == what::upsert && !slice->imported.empty()) {
    kube::endpoint_slice out = *slice;
    out.service = slice->imported;
    return kube::change{what::upsert, std::move(out)};
  }
  // It may have had the label before.
  kube::endpoint_slice gone;
  gone.namespace_ = slice->namespace_;
  gone.name = slice->name;
  return kube::change{what::remove, std::move(gone)};
}

} // namespace troupe::zone
