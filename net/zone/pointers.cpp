// SPDX-License-Identifier: Apache-2.0
#include "net/zone/pointers.hpp"

#include "net/zone/answer_parts.hpp"
#include "net/zone/coredns_compat.hpp"

#include <algorithm>
#include <utility>

namespace troupe::zone {

namespace {

/// The label of the endpoint that `row` is.
std::string_view label_of(const reverse_view& row, const options& options, label_buffer& buffer) noexcept {
  if (row.names && !row.names->hostname.empty())
    return row.names->hostname;
  if (row.names && options.endpoint_pod_names && !row.names->pod.empty())
    return row.names->pod;
  return dashed(row.address, buffer);
}

/// `labels` in the zone that PTR targets end in; nothing if that is too long.
std::optional<dns::name> target_at(dns::name_view labels, const answer_context& w) noexcept {
  const dns::name_view zone = w.options.zones[w.options.primary].wire();
  if (labels.size() + zone.size() > dns::max_name_octets)
    return std::nullopt;
  std::array<uint8_t, dns::max_name_octets> target;
  std::ranges::copy(labels, target.begin());
  std::ranges::copy(zone, target.begin() + static_cast<std::ptrdiff_t>(labels.size()));
  return dns::name::from_wire(dns::name_view{target}.first(labels.size() + zone.size()));
}

/// Hidden namespaces are left out only where something hides namespaces (reference 1.6).
bool hides_namespaces(const options& options) noexcept {
  return !options.namespaces.empty() ||
         (options.selects_namespaces && !coredns_compat::ptr_shows_unselected_namespaces);
}

} // namespace

const reverse_owner* service_at(const kube::address& address, const answer_context& w) {
  const reverse_owner* found = nullptr;
  const reverse_owner* hidden = nullptr; // the one before, of a namespace that is not shown
  w.reverse.visit(address, [&](const reverse_view& row) {
    if (row.type != reverse_row::kind::cluster_ip || (hidden && hidden->namespace_ == row.owner->namespace_))
      return true;
    const bool shown = !hides_namespaces(w.options) || find_exposed(row.owner->namespace_, w) != nullptr;
    (shown ? found : hidden) = row.owner;
    return found == nullptr;
  });
  return found;
}

std::optional<dns::name> name_of(const reverse_owner& service, const answer_context& w) noexcept {
  const label_run labels{std::string_view{service.service}, std::string_view{service.namespace_}, svc};
  return target_at(labels.view(), w);
}

pointers::pointers(const kube::address& address, const answer_context& w)
  : w_(w), hides_(hides_namespaces(w.options)), service_(service_at(address, w)) {
  if (!service_ && !w.options.noendpoints)
    w.reverse.visit(address, [&](const reverse_view& row) {
      endpoints_.push_back(row);
      return true;
    });
  if (endpoints_.size() > 1)
    said_.emplace();
}

bool pointers::is_exposed(const reverse_owner& owner) {
  if (namespace_ != owner.namespace_) {
    namespace_ = owner.namespace_;
    shown_ = find_exposed(namespace_, w_) != nullptr;
  }
  return shown_;
}

bool pointers::knows_endpoint() {
  return std::ranges::any_of(endpoints_, [&](const reverse_view& row) { return is_shown(*row.owner); });
}

std::optional<dns::name> pointers::next() {
  if (service_) {
    if (std::exchange(at_, 1) != 0)
      return std::nullopt;
    return name_of(*service_, w_);
  }
  while (at_ < endpoints_.size())
    if (auto target = target_of(endpoints_[at_++]))
      return target;
  return std::nullopt;
}

/// Nothing if it was said before: the same endpoint, of two pods.
std::optional<dns::name> pointers::target_of(const reverse_view& row) {
  if (!is_shown(*row.owner))
    return std::nullopt;
  label_buffer buffer;
  const label_run labels{dotted{label_of(row, w_.options, buffer)}, std::string_view{row.owner->service},
                         std::string_view{row.owner->namespace_}, svc};
  if (said_ && !said_->add(labels.view()).is_new)
    return std::nullopt;
  return target_at(labels.view(), w_);
}

} // namespace troupe::zone
