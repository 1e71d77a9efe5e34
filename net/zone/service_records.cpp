// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_records.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

namespace troupe::zone {

namespace {

constexpr size_t indexed_from = 33; // endpoints; below, walking them all is as fast as three binary searches
constexpr size_t max_slices = std::numeric_limits<uint16_t>::max();

/// The address that `label` is the dashed form of.
std::optional<kube::address> undashed(std::string_view label) noexcept {
  char text[INET6_ADDRSTRLEN + 1];
  if (label.empty() || label.size() >= sizeof text)
    return std::nullopt;
  for (const bool v6 : {false, true}) {
    std::replace_copy(label.begin(), label.end(), text, '-', v6 ? ':' : '.');
    text[label.size()] = 0;
    kube::address address;
    label_buffer again;
    if (inet_pton(v6 ? AF_INET6 : AF_INET, text, address.octets.data()) != 1)
      continue;
    address.v6 = v6;
    if (dashed(address, again) == label) // only the canonical spelling is the endpoint's name
      return address;
  }
  return std::nullopt;
}

bool is_address(const endpoint_entry& e) noexcept {
  return e.kind != endpoint_entry::family::fqdn;
}

struct wanted {
  std::string_view label;
  bool pod_names;
  std::optional<kube::address> address = undashed(label);

  bool names(const slice_part& slice, const endpoint_entry& e) const noexcept {
    if (e.hostname_octets != 0)
      return slice.hostname(e) == label;
    if (pod_names && e.pod_octets != 0)
      return slice.pod(e) == label;
    if (is_address(e))
      return address && e.address() == *address;
    label_buffer buffer;
    return endpoint_label(slice, e, pod_names, buffer) == label;
  }
};

bool same(endpoint_ref a, endpoint_ref b) noexcept {
  return a.slice == b.slice && a.entry == b.entry;
}

bool earlier(endpoint_ref a, endpoint_ref b) noexcept {
  return a.slice != b.slice ? a.slice < b.slice : a.entry < b.entry;
}

} // namespace

service_records::service_records(std::string label, service_part_ptr service, std::vector<slice_part_ptr> slices)
  : service_(std::move(service)), slices_(std::move(slices)), label_(std::move(label)) {
  if (slices_.size() > max_slices)
    slices_.resize(max_slices);
  for (const slice_part_ptr& s : slices_)
    endpoint_count_ += static_cast<uint32_t>(s->endpoints.size());
  if (service_)
    type_ = service_->type;
  collect_addresses();
  if (endpoint_count_ >= indexed_from)
    build_index();
}

void service_records::collect_addresses() {
  if (!service_)
    return;
  std::set<kube::address> seen;
  auto add = [&](const kube::address& a) {
    if (!seen.insert(a).second)
      return;
    if (a.v6)
      v6_.push_back(a.octets);
    else
      std::memcpy(v4_.emplace_back().data(), a.octets.data(), 4);
  };
  for (const kube::address& a : service_->cluster_ips)
    add(a);
  if (type_ == kube::service::kind::headless)
    for (const slice_part_ptr& s : slices_)
      for (const endpoint_entry& e : s->endpoints)
        if (is_address(e))
          add(e.address());
  v4_.shrink_to_fit();
  v6_.shrink_to_fit();
}

void service_records::build_index() {
  auto made = std::make_unique<index>();
  for (size_t s = 0; s < slices_.size(); ++s)
    for (size_t i = 0; i < slices_[s]->endpoints.size(); ++i) {
      const endpoint_entry& e = slices_[s]->endpoints[i];
      const endpoint_ref at{static_cast<uint16_t>(s), static_cast<uint16_t>(i)};
      if (e.hostname_octets != 0)
        made->by_hostname.push_back(at);
      if (e.pod_octets != 0 && is_address(e))
        made->by_pod.push_back(at);
      if (e.hostname_octets == 0)
        (is_address(e) ? made->by_address : made->by_target).push_back(at);
    }
  std::ranges::stable_sort(made->by_hostname, {}, [&](endpoint_ref r) { return slice(r).hostname(entry(r)); });
  std::ranges::stable_sort(made->by_pod, {}, [&](endpoint_ref r) { return slice(r).pod(entry(r)); });
  std::ranges::stable_sort(made->by_address, {}, [&](endpoint_ref r) { return entry(r).address(); });
  made->by_hostname.shrink_to_fit();
  made->by_pod.shrink_to_fit();
  made->by_address.shrink_to_fit();
  index_ = std::move(made);
}

std::vector<endpoint_ref> service_records::find_endpoints(std::string_view label, bool pod_names) const {
  std::vector<endpoint_ref> found;
  const wanted want{label, pod_names};
  if (!index_) {
    for (size_t s = 0; s < slices_.size(); ++s)
      for (size_t i = 0; i < slices_[s]->endpoints.size(); ++i)
        if (want.names(*slices_[s], slices_[s]->endpoints[i]))
          found.push_back({static_cast<uint16_t>(s), static_cast<uint16_t>(i)});
    return found;
  }
  auto add_equal = [&](const std::vector<endpoint_ref>& sorted, const auto& key, auto key_of) {
    for (auto at = std::ranges::lower_bound(sorted, key, {}, key_of); at != sorted.end() && key_of(*at) == key; ++at)
      if (want.names(slice(*at), entry(*at)))
        found.push_back(*at);
  };
  add_equal(index_->by_hostname, label, [&](endpoint_ref r) { return slice(r).hostname(entry(r)); });
  if (pod_names)
    add_equal(index_->by_pod, label, [&](endpoint_ref r) { return slice(r).pod(entry(r)); });
  if (want.address)
    add_equal(index_->by_address, *want.address, [&](endpoint_ref r) { return entry(r).address(); });
  for (endpoint_ref r : index_->by_target)
    if (want.names(slice(r), entry(r)))
      found.push_back(r);
  std::sort(found.begin(), found.end(), earlier);
  // A pod may be called like its own address.
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

} // namespace troupe::zone
