// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_records.hpp"

#include "net/zone/address_set.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace troupe::zone {

namespace {

constexpr size_t indexed_from = 33; // endpoints of a slice; below, a walk is as fast as three binary searches
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

/// Tells which addresses came before; without memory of its own for few.
class address_filter {
public:
  explicit address_filter(size_t most) : walks_(most <= walked) {
    if (!walks_)
      seen_.reserve(most);
  }

  /// True if `address` is new; `before`: those of its family that were.
  template <class Octets>
  bool is_new(const kube::address& address, const std::vector<Octets>& before) {
    if (walks_)
      return std::ranges::none_of(
        before, [&](const Octets& o) { return std::equal(o.begin(), o.end(), address.octets.begin()); });
    return seen_.insert(address).second;
  }

private:
  static constexpr size_t walked = 16;

  bool walks_;
  address_set seen_;
};

} // namespace

endpoint_search::endpoint_search(std::string_view label, bool pod_names) noexcept
  : label_(label), pod_names_(pod_names), address_(undashed(label)) {}

bool endpoint_search::names(const slice_part& slice, const endpoint_entry& e) const noexcept {
  if (e.hostname_octets != 0)
    return slice.hostname(e) == label_;
  if (pod_names_ && e.pod_octets != 0)
    return slice.pod(e) == label_;
  if (is_address(e))
    return address_ && slice.address(e) == *address_;
  label_buffer buffer;
  return endpoint_label(slice, e, pod_names_, buffer) == label_;
}

const std::vector<uint16_t>& endpoint_search::in(const slice_part& slice) {
  found_.clear();
  if (slice.index)
    search_index(slice);
  else
    for (size_t i = 0; i < slice.endpoints.size(); ++i)
      if (names(slice, slice.endpoints[i]))
        found_.push_back(static_cast<uint16_t>(i));
  return found_;
}

void endpoint_search::search_index(const slice_part& slice) {
  const auto& entries = slice.endpoints;
  const slice_index& index = *slice.index;
  label_buffer buffer;
  const auto add_equal = [&](const std::vector<uint16_t>& sorted, const auto& key, auto key_of) {
    for (auto at = std::ranges::lower_bound(sorted, key, {}, key_of); at != sorted.end() && key_of(*at) == key; ++at)
      if (names(slice, entries[*at]))
        found_.push_back(*at);
  };
  // Both ends one by one: clang 14 cannot read this library's equal_range.
  const auto hostname_of = [&](uint16_t i) { return slice.hostname(entries[i]); };
  found_.assign(std::ranges::lower_bound(index.by_hostname, label_, {}, hostname_of),
                std::ranges::upper_bound(index.by_hostname, label_, {}, hostname_of));
  if (pod_names_)
    add_equal(index.by_pod, label_, [&](uint16_t i) { return slice.pod(entries[i]); });
  if (address_)
    add_equal(index.by_address, *address_, [&](uint16_t i) { return slice.address(entries[i]); });
  add_equal(index.by_target, label_, [&](uint16_t i) { return endpoint_label(slice, entries[i], false, buffer); });
  if (std::ranges::adjacent_find(found_, std::ranges::greater_equal{}) == found_.end())
    return; // of one list they are in order, each once
  std::ranges::sort(found_);
  // A pod may be called like its own address.
  found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
}

service_records::service_records(std::string label, service_part_ptr service, std::vector<slice_part_ptr> slices)
  : service_(std::move(service)), slices_(std::move(slices)), label_(std::move(label)) {
  if (slices_.size() > max_slices)
    slices_.resize(max_slices);
  for (const slice_part_ptr& s : slices_) {
    endpoint_count_ += static_cast<uint32_t>(s->endpoints.size());
    has_targets_ |= (s->families & ~any_address) != 0;
  }
  if (service_)
    type_ = service_->type;
  collect_addresses();
}

void service_records::collect_addresses() {
  if (!service_)
    return;
  const bool headless = type_ == kube::service::kind::headless;
  address_filter filter{service_->cluster_ips.size() + (headless ? endpoint_count_ : 0)};
  auto add = [&](const kube::address& a) {
    if (a.v6) {
      if (filter.is_new(a, v6_))
        v6_.push_back(a.octets);
    } else if (filter.is_new(a, v4_)) {
      std::memcpy(v4_.emplace_back().data(), a.octets.data(), sizeof(ipv4));
    }
  };
  for (const kube::address& a : service_->cluster_ips)
    add(a);
  if (headless)
    for (const slice_part_ptr& s : slices_)
      for (const endpoint_entry& e : s->endpoints)
        if (is_address(e))
          add(s->address(e));
  v4_.shrink_to_fit();
  v6_.shrink_to_fit();
}

std::unique_ptr<const slice_index> make_slice_index(const slice_part& slice) {
  const auto& entries = slice.endpoints;
  if (entries.size() < indexed_from)
    return nullptr;
  auto made = std::make_unique<slice_index>();
  for (size_t i = 0; i < entries.size(); ++i) {
    const endpoint_entry& e = entries[i];
    const auto at = static_cast<uint16_t>(i);
    if (e.hostname_octets != 0)
      made->by_hostname.push_back(at);
    if (e.pod_octets != 0)
      made->by_pod.push_back(at);
    if (e.hostname_octets == 0)
      (is_address(e) ? made->by_address : made->by_target).push_back(at);
  }
  // Stable: those of one label stay in order.
  std::ranges::stable_sort(made->by_hostname, {}, [&](uint16_t i) { return slice.hostname(entries[i]); });
  std::ranges::stable_sort(made->by_pod, {}, [&](uint16_t i) { return slice.pod(entries[i]); });
  std::ranges::stable_sort(made->by_address, {}, [&](uint16_t i) { return slice.address(entries[i]); });
  std::ranges::stable_sort(made->by_target, {}, [&](uint16_t i) {
    label_buffer buffer;
    return std::string{endpoint_label(slice, entries[i], false, buffer)};
  });
  for (auto* one : {&made->by_hostname, &made->by_pod, &made->by_address, &made->by_target})
    one->shrink_to_fit();
  return made;
}

std::vector<endpoint_ref> service_records::find_endpoints(std::string_view label, bool pod_names) const {
  std::vector<endpoint_ref> found;
  endpoint_search search{label, pod_names};
  for (size_t s = 0; s < slices_.size(); ++s)
    for (uint16_t i : search.in(*slices_[s]))
      found.push_back({static_cast<uint16_t>(s), i});
  return found;
}

} // namespace troupe::zone
