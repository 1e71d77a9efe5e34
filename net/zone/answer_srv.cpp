// SPDX-License-Identifier: Apache-2.0
#include "net/dns/wire.hpp"
#include "net/zone/service_view.hpp"

#include <algorithm>
#include <string>

namespace troupe::zone {

namespace {

constexpr std::string_view svc = "svc";

/// ClusterIP: one target, an SRV for each port number, all cluster IPs as glue.
outcome answer_cluster(const service_view& view, const question& q, const world& w, std::string_view namespace_,
                       dns::response& out) {
  const service_part& service = *view.records().service();
  const size_t rows = view.matching(service.ports) * service.cluster_ips.size();
  const label_run labels{std::string_view{service.name}, namespace_, svc};
  if (rows == 0 || service.ports.empty() || !fits_zone(q, labels.view()))
    return outcome::nodata;
  uint16_t written = 0;
  for (size_t i = 0; i < service.ports.size(); ++i) {
    const port_record& port = service.ports[i];
    const auto first = service.ports.begin();
    const bool again = std::any_of(first, first + i, [&](const port_record& p) {
      return p.number == port.number && port_matches(p, q.port(), q.protocol());
    });
    if (again || !port_matches(port, q.port(), q.protocol()))
      continue;
    if (!out.srv(dns::section::answer, question_name(q), w.how.ttl, 0, weight_of(rows), port.number,
                 in_zone(q, labels.view()), &written))
      break;
  }
  out.authoritative();
  if (written != 0)
    for (size_t i = 0; i < service.cluster_ips.size(); ++i)
      write_address(out, dns::section::additional, {{}, written}, w.how.ttl, service.cluster_ips[i]);
  return outcome::answered;
}

/// Endpoints: an SRV for each endpoint name and port number, each address as glue of its name.
class endpoint_srv {
public:
  endpoint_srv(const service_view& view, const question& q, const world& w, std::string_view namespace_,
               dns::response& out)
    : view_(view), q_(q), w_(w), namespace_(namespace_), out_(out) {
    for (endpoint_ref at : view.endpoints())
      if (view.records().entry(at).kind != endpoint_entry::family::fqdn)
        endpoints_.push_back(at);
  }

  outcome write() {
    size_t rows = 0;
    for (endpoint_ref at : endpoints_)
      rows += view_.matching(view_.records().slice(at).ports);
    if (rows == 0)
      return outcome::nodata;
    weight_ = weight_of(rows);
    bool room = true;
    for (size_t i = 0; i < endpoints_.size() && room; ++i)
      room = write_ports(i);
    if (out_.count(dns::section::answer) == 0 && room)
      return outcome::nodata;
    out_.authoritative();
    said_.clear();
    for (size_t i = 0; i < targets_.size() && room; ++i)
      room = write_glue(targets_[i]);
    return outcome::answered;
  }

private:
  struct target {
    std::string label;
    std::string_view cluster; // of an imported endpoint; empty: none
    uint32_t hash;
    kube::address address;
    uint16_t written; // where the name stands; 0: it was written for another endpoint
  };
  /// Something said of a label: a port number, or which target's address. Few enough for a walk: a message holds
  /// at most about 1,300 of them.
  struct said {
    uint32_t hash;
    uint32_t what;
    size_t target;
  };

  static bool same_name(const target& a, const target& b) noexcept {
    return a.label == b.label && a.cluster == b.cluster;
  }

  label_run name_of(std::string_view label, std::string_view cluster) const noexcept {
    const std::string_view service = view_.records().label();
    return cluster.empty() ? label_run{label, service, namespace_, svc}
                           : label_run{label, cluster, service, namespace_, svc};
  }

  bool write_ports(size_t i) {
    const endpoint_ref at = endpoints_[i];
    const slice_part& slice = view_.records().slice(at);
    label_buffer buffer;
    const endpoint_entry& e = view_.records().entry(at);
    const std::string_view label = endpoint_label(slice, e, w_.how.endpoint_pod_names, buffer);
    const std::string_view cluster = q_.imported ? slice.cluster() : std::string_view{};
    const label_run labels = name_of(label, cluster);
    if (!fits_zone(q_, labels.view()))
      return true;
    targets_.push_back({std::string{label}, cluster, dns::hash(labels.view()), slice.address(e), 0});
    bool has_port = false;
    for (const port_record& port : slice.ports) {
      if (port.number == 0 || !port_matches(port, q_.port(), q_.protocol()))
        continue;
      has_port = true;
      if (said_before(targets_.size() - 1, port.number, [](const target&) { return true; }))
        continue;
      if (!out_.srv(dns::section::answer, question_name(q_), w_.how.ttl, 0, weight_, port.number,
                    in_zone(q_, labels.view()), &targets_.back().written))
        return false;
    }
    if (!has_port)
      targets_.pop_back(); // no SRV points here, so no glue
    return true;
  }

  /// Looks for `what` of a target's label, and notes it if it is new.
  template <class Same>
  bool said_before(size_t which, uint32_t what, Same&& same) {
    const target& t = targets_[which];
    for (const said& s : said_)
      if (s.hash == t.hash && s.what == what && same_name(targets_[s.target], t) && same(targets_[s.target]))
        return true;
    said_.push_back({t.hash, what, which});
    return false;
  }

  /// Endpoints that share a label share the first one's records, and so its name in the message; 0: it stands nowhere.
  uint16_t where_written(const target& t) const noexcept {
    for (const target& other : targets_)
      if (other.hash == t.hash && other.written != 0 && same_name(other, t))
        return other.written;
    return 0;
  }

  bool write_glue(const target& t) {
    const size_t which = static_cast<size_t>(&t - targets_.data());
    const uint32_t what = dns::hash(address_key(t.address));
    if (said_before(which, what, [&](const target& other) { return other.address == t.address; }))
      return true;
    if (const uint16_t at = where_written(t); at != 0 && at <= dns::max_pointer_target)
      return write_address(out_, dns::section::additional, {{}, at}, w_.how.ttl, t.address);
    // Too far behind for a pointer: the service's name behind the first target's label is not.
    if (const target& first = targets_.front(); first.written != 0 && first.cluster == t.cluster) {
      const label_run label{std::string_view{t.label}};
      const auto service_at = static_cast<uint16_t>(first.written + 1 + first.label.size());
      return write_address(out_, dns::section::additional, {label.view(), service_at}, w_.how.ttl, t.address);
    }
    const label_run labels = name_of(t.label, t.cluster);
    return write_address(out_, dns::section::additional, in_zone(q_, labels.view()), w_.how.ttl, t.address);
  }

  const service_view& view_;
  const question& q_;
  const world& w_;
  std::string_view namespace_;
  dns::response& out_;
  std::vector<endpoint_ref> endpoints_;
  std::vector<target> targets_;
  std::vector<said> said_;
  uint16_t weight_ = 0;
};

} // namespace

outcome answer_srv(const service_view& view, const question& q, const world& w, std::string_view namespace_,
                   dns::response& out) {
  if (view.from_endpoints())
    return endpoint_srv{view, q, w, namespace_, out}.write();
  return answer_cluster(view, q, w, namespace_, out);
}

} // namespace troupe::zone
