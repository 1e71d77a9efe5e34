// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_records.hpp"

#include <arpa/inet.h>

#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

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
      return address && slice.address(e) == *address;
    label_buffer buffer;
    return endpoint_label(slice, e, pod_names, buffer) == label;
  }
};

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

  struct hash {
    using is_avalanching = void;
    size_t operator()(const kube::address& a) const noexcept {
      uint64_t parts[2];
      std::memcpy(parts, a.octets.data(), sizeof parts);
      const uint64_t mixed = (parts[0] ^ (parts[1] * 0x9e3779b97f4a7c15u)) * 0xbf58476d1ce4e5b9u;
      return static_cast<size_t>(mixed ^ mixed >> 32);
    }
  };

  bool walks_;
  boost::unordered_flat_set<kube::address, hash> seen_;
};

/// Positions in `slice` of the endpoints known as `want`, into `found`.
void find_in(const slice_part& slice, const wanted& want, std::vector<uint16_t>& found) {
  found.clear();
  const auto& entries = slice.endpoints;
  auto add = [&](uint16_t i) {
    if (want.names(slice, entries[i]))
      found.push_back(i);
  };
  if (!slice.index) {
    for (size_t i = 0; i < entries.size(); ++i)
      add(static_cast<uint16_t>(i));
    return;
  }
  auto add_equal = [&](const std::vector<uint16_t>& sorted, const auto& key, auto key_of) {
    for (auto at = std::ranges::lower_bound(sorted, key, {}, key_of); at != sorted.end() && key_of(*at) == key; ++at)
      add(*at);
  };
  add_equal(slice.index->by_hostname, want.label, [&](uint16_t i) { return slice.hostname(entries[i]); });
  if (want.pod_names)
    add_equal(slice.index->by_pod, want.label, [&](uint16_t i) { return slice.pod(entries[i]); });
  if (want.address)
    add_equal(slice.index->by_address, *want.address, [&](uint16_t i) { return slice.address(entries[i]); });
  std::ranges::for_each(slice.index->by_target, add);
  std::ranges::sort(found);
  // A pod may be called like its own address.
  found.erase(std::unique(found.begin(), found.end()), found.end());
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
    if (e.pod_octets != 0 && is_address(e))
      made->by_pod.push_back(at);
    if (e.hostname_octets == 0)
      (is_address(e) ? made->by_address : made->by_target).push_back(at);
  }
  std::ranges::sort(made->by_hostname, {}, [&](uint16_t i) { return slice.hostname(entries[i]); });
  std::ranges::sort(made->by_pod, {}, [&](uint16_t i) { return slice.pod(entries[i]); });
  std::ranges::sort(made->by_address, {}, [&](uint16_t i) { return slice.address(entries[i]); });
  for (auto* one : {&made->by_hostname, &made->by_pod, &made->by_address, &made->by_target})
    one->shrink_to_fit();
  return made;
}

std::vector<endpoint_ref> service_records::find_endpoints(std::string_view label, bool pod_names) const {
  std::vector<endpoint_ref> found;
  std::vector<uint16_t> here;
  const wanted want{label, pod_names};
  for (size_t s = 0; s < slices_.size(); ++s) {
    find_in(*slices_[s], want, here);
    for (uint16_t i : here)
      found.push_back({static_cast<uint16_t>(s), i});
  }
  return found;
}

} // namespace troupe::zone
