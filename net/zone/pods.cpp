// SPDX-License-Identifier: Apache-2.0
#include "net/zone/pods.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe::zone {

std::array<uint8_t, 17> address_key(const kube::address& address) noexcept {
  std::array<uint8_t, 17> key;
  std::copy(address.octets.begin(), address.octets.end(), key.begin());
  key[16] = address.v6 ? 6 : 4;
  return key;
}

void verify(const pod_table& table) {
  table.for_each([](const pod_row& row) {
    if (!row.pod)
      throw std::logic_error("the table of pods holds an address that is nobody's");
  });
}

size_t pod_keeper::hash::operator()(const name_of& n) const noexcept {
  const std::hash<std::string_view> one;
  return one(n.namespace_) * 31 + one(n.name);
}

pod_keeper::pod_keeper(const pod_table& last) : current_(last) {
  current_.for_each([&](const pod_row& row) { pods_.insert(row.pod); });
}

void pod_keeper::apply(const kube::change& change) {
  const auto* pod = std::get_if<kube::pod>(&change.object);
  if (!pod)
    return;
  if (change.kind == kube::change::what::upsert)
    return upsert(*pod);
  if (const auto known = pods_.find(name_of{pod->namespace_, pod->name}); known != pods_.end())
    remove(pod_record_ptr{*known});
}

void pod_keeper::upsert(const kube::pod& pod) {
  const auto known = pods_.find(name_of{pod.namespace_, pod.name});
  const bool at_home = known != pods_.end() && (*known)->addresses == pod.addresses;
  if (known != pods_.end() && (pod.terminating || (at_home && (*known)->labels == pod.labels))) {
    if (listing_)
      seen_.insert(*known);
    return;
  }
  const bool altered_before = alters_dns_;
  if (known != pods_.end())
    remove(pod_record_ptr{*known});
  if (pod.terminating || pod.addresses.empty())
    return;
  const auto made = std::make_shared<const pod_record>(pod_record{pod.namespace_, pod.name, pod.addresses, pod.labels});
  pods_.insert(made);
  if (listing_)
    seen_.insert(made);
  for (const kube::address& a : made->addresses)
    edits_.push_back({true, {address_key(a), made}});
  alters_dns_ = altered_before || !at_home; // labels are no part of any answer
}

void pod_keeper::remove(const pod_record_ptr& pod) {
  for (const kube::address& a : pod->addresses)
    edits_.push_back({false, {address_key(a), pod}});
  pods_.erase(pod);
  alters_dns_ = true;
}

void pod_keeper::list_begin() {
  listing_ = true;
  seen_.clear();
}

void pod_keeper::list_end() {
  if (!std::exchange(listing_, false))
    return;
  std::vector<pod_record_ptr> gone;
  for (const pod_record_ptr& pod : pods_)
    if (!seen_.contains(pod))
      gone.push_back(pod);
  for (const pod_record_ptr& pod : gone)
    remove(pod);
  seen_ = {};
}

pod_table_ptr pod_keeper::build() {
  if (edits_.empty() && !std::exchange(changed_, false))
    return nullptr;
  changed_ = false;
  pod_table::editor to{current_};
  for (const edit& e : edits_)
    if (e.added)
      to.put(e.row);
    else
      to.erase_if(e.row.key, [&](const pod_row& row) { return row.pod == e.row.pod; });
  edits_ = {};
  current_ = std::move(to).build();
  return std::make_shared<const pod_table>(current_);
}

} // namespace troupe::zone
