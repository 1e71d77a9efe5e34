// SPDX-License-Identifier: Apache-2.0
#include "net/zone/answer_parts.hpp"
#include "net/zone/coredns_compat.hpp"
#include "net/zone/effort.hpp"
#include "net/zone/label_set.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

/// RFC 3927 section 2.1, RFC 4291 section 2.5.6.
bool is_link_local(const kube::address& a) noexcept {
  return a.v6 ? a.octets[0] == 0xfe && (a.octets[1] & 0xc0) == 0x80 : a.octets[0] == 169 && a.octets[1] == 254;
}

/// Tells `found` of each name and address once. One's own address may be an endpoint of whatever services a tenant
/// makes, so this has an end of its own.
class collector {
public:
  collector(const answer_context& w, const name_server_visitor& found) : w_(w), found_(found) {}

  /// The name servers that the endpoints at `local` make. True if there is an endpoint.
  bool add_endpoints_at(const kube::address& local) {
    bool any = false;
    service_reader services{w_};
    w_.reverse.visit(local, [&](const reverse_view& row) {
      constexpr size_t service_looks = 10;
      if (row.type != reverse_row::kind::endpoint)
        return true;
      any = true;
      if (const service_records* records = services.find(*row.owner))
        add_service(*records, row.owner->namespace_, local);
      return work_.spend(service_looks) && going_on_;
    });
    return any;
  }

  void add(dns::name_view labels, const kube::address& address) {
    constexpr size_t name_looks = 4;
    std::array<uint8_t, label_run::most_octets + 17> key; // name and address
    const auto end = std::ranges::copy(labels, key.begin()).out;
    std::ranges::copy(address_key(address), end);
    if (going_on_ && said_.add(dns::name_view{key}.first(labels.size() + 17)).is_new)
      going_on_ = work_.spend(name_looks) && found_(labels, address);
  }

private:
  /// What the service of an endpoint at `local` is known as.
  void add_service(const service_records& records, std::string_view namespace_, const kube::address& local) {
    const std::string_view service = records.label(), svc = "svc";
    if (records.type() == kube::service::kind::headless)
      return add_endpoints(records, namespace_, local);
    for (const kube::address& a : records.service()->cluster_ips)
      add(label_run{service, namespace_, svc}.view(), a);
  }

  /// Headless: all endpoints of each slice that `local` is in.
  void add_endpoints(const service_records& records, std::string_view namespace_, const kube::address& local) {
    for (const slice_part_ptr& s : records.slices()) {
      if (!work_.spend(1 + s->endpoints.size() / compared_at_a_look) || !going_on_)
        return;
      if (!holds(*s, local))
        continue;
      for (const endpoint_entry& e : s->endpoints) {
        label_buffer buffer;
        const std::string_view label = endpoint_label(*s, e, w_.options.endpoint_pod_names, buffer);
        if (is_address(e) && work_.spend() && going_on_)
          add(label_run{dotted{label}, std::string_view{records.label()}, namespace_, std::string_view{"svc"}}.view(),
              s->address(e));
      }
    }
  }

  const answer_context& w_;
  const name_server_visitor& found_;
  label_set said_;
  effort work_{most_server_looks};
  bool going_on_ = true;
};

} // namespace

void visit_name_servers(const answer_context& w, const name_server_visitor& found) {
  collector all{w, found};
  bool is_endpoint = false;
  if (!w.options.noendpoints)
    for (const kube::address& local : w.options.local_addresses)
      is_endpoint |= all.add_endpoints_at(local);
  if (!is_endpoint)
    for (const kube::address& local : w.options.local_addresses)
      if (coredns_compat::names_link_local || !is_link_local(local))
        all.add(label_run{std::string_view{"ns"}, std::string_view{"dns"}}.view(), local);
}

} // namespace troupe::zone
