// SPDX-License-Identifier: Apache-2.0
#include "net/zone/pointers.hpp"

#include "net/zone/answer_parts.hpp"
#include "net/zone/choices.hpp"

#include <algorithm>
#include <utility>

namespace troupe::zone {

namespace {

constexpr std::string_view svc = "svc";

/// The label of the endpoint that `row` is.
std::string_view label_of(const reverse_view& row, const options& how, label_buffer& buffer) noexcept {
  if (row.names && !row.names->hostname.empty())
    return row.names->hostname;
  if (row.names && how.endpoint_pod_names && !row.names->pod.empty())
    return row.names->pod;
  return dashed(row.address, buffer);
}

/// `labels` in the zone that PTR targets end in; nothing if that is too long.
std::optional<dns::name> target_at(dns::name_view labels, const world& w) noexcept {
  const dns::name_view zone = w.how.zones[w.how.primary].wire();
  if (labels.size() + zone.size() > dns::max_name_octets)
    return std::nullopt;
  std::array<uint8_t, dns::max_name_octets> target;
  std::ranges::copy(labels, target.begin());
  std::ranges::copy(zone, target.begin() + static_cast<std::ptrdiff_t>(labels.size()));
  return dns::name::from_wire(dns::name_view{target}.first(labels.size() + zone.size()));
}

} // namespace

pointers::pointers(const kube::address& address, const world& w)
  : w_(w), hides_(!w.how.namespaces.empty() || (w.how.selects_namespaces && !choice::ptr_shows_unselected_namespaces)) {
  w.reverse.visit(address, [&](const reverse_view& row) {
    if (row.what == reverse_row::kind::endpoint) {
      if (!w.how.noendpoints)
        endpoints_.push_back(row);
    } else if (is_shown(*row.owner)) {
      service_ = row.owner; // the first service that has the address is all that is said
    }
    return service_ == nullptr;
  });
  if (endpoints_.size() > 1)
    said_.emplace();
}

/// Hidden namespaces are left out only where something hides namespaces (reference 1.6).
bool pointers::is_shown(const reverse_owner& owner) {
  if (!hides_)
    return true;
  if (namespace_ != owner.namespace_) {
    namespace_ = owner.namespace_;
    shown_ = find_exposed(namespace_, w_) != nullptr;
  }
  return shown_;
}

bool pointers::known() {
  return service_ || std::ranges::any_of(endpoints_, [&](const reverse_view& row) { return is_shown(*row.owner); });
}

std::optional<dns::name> pointers::next() {
  if (service_) {
    if (std::exchange(at_, 1) != 0)
      return std::nullopt;
    return target_at(label_run{std::string_view{service_->service}, std::string_view{service_->namespace_}, svc}.view(),
                     w_);
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
  const label_run labels{label_of(row, w_.how, buffer), std::string_view{row.owner->service},
                         std::string_view{row.owner->namespace_}, svc};
  if (said_ && !said_->add(labels.view()).is_new)
    return std::nullopt;
  return target_at(labels.view(), w_);
}

} // namespace troupe::zone
