// SPDX-License-Identifier: Apache-2.0
#include "net/zone/answer_parts.hpp"
#include "net/zone/choices.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

/// Hidden namespaces are left out only where something hides namespaces (reference 1.6).
bool shown(const reverse_view& row, const world& w) noexcept {
  const bool hides =
    !w.how.namespaces.empty() || (w.how.selects_namespaces && !choice::ptr_shows_unselected_namespaces);
  return !hides || find_exposed(row.owner->namespace_, w) != nullptr;
}

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

/// True if another row before `row` in `rows` makes the same name: the same endpoint, of two pods.
bool named_before(const std::vector<reverse_view>& rows, const reverse_view& row, const options& how) noexcept {
  label_buffer one, other;
  const std::string_view label = label_of(row, how, one);
  return std::ranges::any_of(rows, [&](const reverse_view& r) {
    return (r.owner == row.owner || *r.owner == *row.owner) && label_of(r, how, other) == label;
  });
}

/// Calls `f(target)` for each name of an address while it returns true. False: the address is nobody's.
template <class F>
bool visit_pointers(const kube::address& address, const world& w, F&& f) {
  constexpr std::string_view svc = "svc";
  const reverse_owner* service = nullptr;
  std::vector<reverse_view> endpoints;
  w.reverse.visit(address, [&](const reverse_view& row) {
    const bool is_service = row.what == reverse_row::kind::cluster_ip;
    if (!shown(row, w) || (!is_service && w.how.noendpoints))
      return true;
    if (is_service)
      service = row.owner;
    else if (!named_before(endpoints, row, w.how))
      endpoints.push_back(row);
    return service == nullptr; // the first service that has the address is all that is said
  });
  if (service) {
    const label_run labels{std::string_view{service->service}, std::string_view{service->namespace_}, svc};
    if (const auto target = target_at(labels.view(), w))
      f(*target);
    return true;
  }
  for (const reverse_view& row : endpoints) {
    label_buffer buffer;
    const reverse_owner& o = *row.owner;
    const label_run labels{label_of(row, w.how, buffer), std::string_view{o.service}, std::string_view{o.namespace_},
                           svc};
    if (const auto target = target_at(labels.view(), w); target && !f(*target))
      break;
  }
  return !endpoints.empty();
}

} // namespace

outcome answer_reverse(const question& q, const world& w, dns::response& out) {
  if (w.how.external)
    return answer_external_reverse(q, w, out);
  const bool wanted = q.type() == dns::rrtype::ptr;
  const bool known = visit_pointers(q.address, w, [&](const dns::name& target) {
    if (!wanted)
      return false;
    const dns::name_view without_root = target.wire().first(target.size() - 1);
    return out.name_data(dns::section::answer, question_name(q), dns::rrtype::ptr, w.how.ttl, {without_root, 0});
  });
  if (!known)
    return outcome::name_error;
  if (!wanted)
    return outcome::nodata;
  out.authoritative();
  return outcome::answered;
}

std::vector<dns::name> pointers_of(const kube::address& address, const world& w) {
  std::vector<dns::name> out;
  visit_pointers(address, w, [&](const dns::name& target) {
    out.push_back(target);
    return true;
  });
  return out;
}

} // namespace troupe::zone
