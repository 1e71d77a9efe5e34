// SPDX-License-Identifier: Apache-2.0
#include "net/zone/answer_parts.hpp"
#include "net/zone/choices.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

/// Hidden namespaces are left out only where something hides namespaces (reference 1.6).
bool shown(const reverse_row& row, const world& w) noexcept {
  const bool hides =
    !w.how.namespaces.empty() || (w.how.selects_namespaces && !choice::ptr_shows_unselected_namespaces);
  return !hides || find_exposed(row.owner->namespace_, w) != nullptr;
}

/// The label of the endpoint that `row` is.
std::string_view label_of(const reverse_row& row, const options& how, label_buffer& buffer) noexcept {
  if (row.names && !row.names->hostname.empty())
    return row.names->hostname;
  if (row.names && how.endpoint_pod_names && !row.names->pod.empty())
    return row.names->pod;
  return dashed(row.address(), buffer);
}

bool write_ptr(const question& q, dns::name_view labels, const world& w, dns::response& out) noexcept {
  const dns::name_view zone = w.how.zones[w.how.primary].wire();
  if (labels.size() + zone.size() > dns::max_name_octets)
    return true;
  std::array<uint8_t, dns::max_name_octets> target;
  std::ranges::copy(labels, target.begin());
  std::ranges::copy(zone, target.begin() + static_cast<std::ptrdiff_t>(labels.size()));
  const dns::name_view without_root = dns::name_view{target}.first(labels.size() + zone.size() - 1);
  return out.name_data(dns::section::answer, question_name(q), dns::rrtype::ptr, w.how.ttl, {without_root, 0});
}

/// True if another row before `row` in `rows` makes the same name: the same endpoint, of two pods.
bool named_before(const std::vector<const reverse_row*>& rows, const reverse_row& row, const options& how) noexcept {
  label_buffer one, other;
  const std::string_view label = label_of(row, how, one);
  return std::ranges::any_of(rows, [&](const reverse_row* r) {
    return (r->owner == row.owner || *r->owner == *row.owner) && label_of(*r, how, other) == label;
  });
}

} // namespace

outcome answer_reverse(const question& q, const world& w, dns::response& out) {
  if (w.how.external)
    return answer_external_reverse(q, w, out);
  constexpr std::string_view svc = "svc";
  const reverse_row* service = nullptr;
  std::vector<const reverse_row*> endpoints;
  w.reverse.visit(reverse_key(q.address), [&](const reverse_row& row) {
    if (!shown(row, w) || (!row.cluster_ip && w.how.noendpoints))
      return true;
    if (row.cluster_ip)
      service = &row;
    else if (!named_before(endpoints, row, w.how))
      endpoints.push_back(&row);
    return service == nullptr; // the first service that has the address is all that is said
  });
  if (!service && endpoints.empty())
    return outcome::name_error;
  if (q.type() != dns::rrtype::ptr)
    return outcome::nodata;
  out.authoritative();
  if (service) {
    const reverse_owner& o = *service->owner;
    write_ptr(q, label_run{std::string_view{o.service}, std::string_view{o.namespace_}, svc}.view(), w, out);
    return outcome::answered;
  }
  for (const reverse_row* row : endpoints) {
    label_buffer buffer;
    const reverse_owner& o = *row->owner;
    const label_run labels{label_of(*row, w.how, buffer), std::string_view{o.service}, std::string_view{o.namespace_},
                           svc};
    if (!write_ptr(q, labels.view(), w, out))
      break;
  }
  return outcome::answered;
}

} // namespace troupe::zone
