// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_view.hpp"
#include "net/zone/srv_set.hpp"

namespace troupe::zone {

namespace {

/// ClusterIP: one target, an SRV for each port number, all cluster IPs as glue.
outcome answer_cluster(const service_view& view, const question& q, const answer_context& w,
                       std::string_view namespace_, dns::response& out) {
  const service_part& service = *view.records().service();
  const port_filter wanted = view.ports();
  const size_t rows = wanted.count(service.ports) * service.cluster_ips.size();
  const label_run labels{std::string_view{service.name}, namespace_, svc};
  if (rows == 0 || service.ports.empty() || !fits_zone(q, labels.view()))
    return outcome::nodata;
  uint16_t written = 0;
  number_set said;
  for (const port_record& port : service.ports)
    if (wanted.matches(port) && said.add(port.number) &&
        !out.srv(dns::section::answer, question_name(q), w.options.ttl, 0, weight_of(rows), port.number,
                 in_zone(q, labels.view()), &written))
      break;
  out.authoritative();
  if (written != 0)
    for (const kube::address& a : service.cluster_ips)
      if (!write_address(out, dns::section::additional, {{}, written}, w.options.ttl, a))
        break;
  return outcome::answered;
}

/// Endpoints: an SRV for each endpoint name and port number, each address as glue of its name.
outcome answer_endpoints(const service_view& view, const question& q, const answer_context& w,
                         std::string_view namespace_, dns::response& out) {
  const service_records& records = view.records();
  const size_t rows = view.count_rows();
  if (rows == 0)
    return view.without_data();
  srv_set found{q, out, view.work(), weight_of(rows), w.options.ttl, w.options.ttl};
  const slice_part* before = nullptr;
  std::string_view hostname; // of the endpoint before, with the same ports
  view.visit(any_address, [&](endpoint_ref at) {
    const slice_part& slice = records.slice(at);
    const endpoint_entry& e = records.entry(at);
    const kube::address address = slice.address(e);
    if (!before || !slice.ports.shares(before->ports)) {
      found.set_ports(numbers_of(slice.ports, view.ports()));
      hostname = {};
    }
    if (e.hostname_octets != 0 && slice.hostname(e) == hostname && (&slice == before || !q.imported))
      return found.add_address(address);
    before = &slice;
    hostname = slice.hostname(e);
    label_buffer buffer;
    const std::string_view label = endpoint_label(slice, e, w.options.endpoint_pod_names, buffer);
    const std::string_view service = records.label();
    const label_run labels = q.imported && !slice.cluster().empty()
                               ? label_run{dotted{label}, slice.cluster(), service, namespace_, svc}
                               : label_run{dotted{label}, service, namespace_, svc};
    if (!fits_zone(q, labels.view())) {
      hostname = {};
      return true;
    }
    return found.add(in_zone(q, labels.view()), &address);
  });
  return found.finish() ? outcome::answered : view.if_sure(outcome::nodata);
}

} // namespace

outcome answer_srv(const service_view& view, const question& q, const answer_context& w, std::string_view namespace_,
                   dns::response& out) {
  if (view.from_endpoints())
    return answer_endpoints(view, q, w, namespace_, out);
  return view.exists() ? answer_cluster(view, q, w, namespace_, out) : outcome::name_error;
}

} // namespace troupe::zone
