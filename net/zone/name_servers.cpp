// SPDX-License-Identifier: Apache-2.0
#include "net/zone/answer_parts.hpp"
#include "net/zone/choices.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

/// RFC 3927 section 2.1, RFC 4291 section 2.5.6.
bool is_link_local(const kube::address& a) noexcept {
  return a.v6 ? a.octets[0] == 0xfe && (a.octets[1] & 0xc0) == 0x80 : a.octets[0] == 169 && a.octets[1] == 254;
}

class collector {
public:
  explicit collector(const world& w) : w_(w) {}

  /// Adds what the service of an endpoint at `local` is known as.
  void add_service(const reverse_owner& owner, const kube::address& local) {
    const service_records_ptr records = records_of(owner, w_);
    if (!records)
      return;
    const std::string_view service = owner.service, namespace_ = owner.namespace_, svc = "svc";
    if (records->type() == kube::service::kind::headless)
      add_endpoints(*records, namespace_, local);
    else
      for (const kube::address& a : records->service()->cluster_ips)
        add(label_run{service, namespace_, svc}.view(), a);
  }

  void add(dns::name_view labels, const kube::address& address) {
    name_server made{{labels.begin(), labels.end()}, address};
    if (std::ranges::count(found_, made) == 0)
      found_.push_back(std::move(made));
  }

  std::vector<name_server> take() { return std::move(found_); }

private:
  /// Headless: all endpoints of each slice that `local` is in.
  void add_endpoints(const service_records& records, std::string_view namespace_, const kube::address& local) {
    for (const slice_part_ptr& s : records.slices()) {
      if (!std::ranges::any_of(s->endpoints,
                               [&](const endpoint_entry& e) { return is_address(e) && s->address(e) == local; }))
        continue;
      for (const endpoint_entry& e : s->endpoints) {
        label_buffer buffer;
        const std::string_view label = endpoint_label(*s, e, w_.how.endpoint_pod_names, buffer);
        if (is_address(e))
          add(label_run{label, std::string_view{records.label()}, namespace_, std::string_view{"svc"}}.view(),
              s->address(e));
      }
    }
  }

  const world& w_;
  std::vector<name_server> found_;
};

} // namespace

std::vector<name_server> name_servers(const world& w) {
  collector all{w};
  bool is_endpoint = false;
  if (!w.how.noendpoints)
    for (const kube::address& local : w.how.local_addresses)
      w.reverse.visit(local, [&](const reverse_view& row) {
        if (row.what == reverse_row::kind::endpoint) {
          is_endpoint = true;
          all.add_service(*row.owner, local);
        }
        return true;
      });
  if (!is_endpoint)
    for (const kube::address& local : w.how.local_addresses)
      if (choice::names_link_local || !is_link_local(local))
        all.add(label_run{std::string_view{"ns"}, std::string_view{"dns"}}.view(), local);
  return all.take();
}

} // namespace troupe::zone
