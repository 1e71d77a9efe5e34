// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_view.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace troupe::zone {

namespace {

constexpr std::string_view svc = "svc";

uint16_t weight_of(size_t rows) noexcept { return static_cast<uint16_t>(std::max<size_t>(1, 100 / rows)); }

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
    const bool again = std::any_of(first, first + static_cast<std::ptrdiff_t>(i), [&](const port_record& p) {
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
    : view_(view), q_(q), w_(w), namespace_(namespace_), out_(out), endpoints_(view.endpoints()),
      written_(endpoints_.size()) {}

  outcome write() {
    size_t rows = 0;
    for (endpoint_ref at : endpoints_)
      if (is_address(at))
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
    for (size_t i = 0; i < endpoints_.size() && room; ++i)
      room = write_glue(i);
    return outcome::answered;
  }

private:
  bool is_address(endpoint_ref at) const noexcept {
    return view_.records().entry(at).kind != endpoint_entry::family::fqdn;
  }

  std::string_view label(size_t i, label_buffer& buffer) const noexcept {
    const endpoint_ref at = endpoints_[i];
    return endpoint_label(view_.records().slice(at), view_.records().entry(at), w_.how.endpoint_pod_names, buffer);
  }

  /// True once for each label and what stands behind it.
  template <class Behind>
  bool first_time(std::string_view label, const Behind& behind) {
    std::string key{label};
    key.push_back('\0');
    key.append(behind.begin(), behind.end());
    return seen_.insert(std::move(key)).second;
  }

  bool write_ports(size_t i) {
    label_buffer buffer;
    const std::string_view name = label(i, buffer);
    if (!is_address(endpoints_[i]) || name.empty())
      return true;
    const label_run labels{name, std::string_view{view_.records().label()}, namespace_, svc};
    if (!fits_zone(q_, labels.view()))
      return true;
    for (const port_record& port : view_.records().slice(endpoints_[i]).ports) {
      if (port.number == 0 || !port_matches(port, q_.port(), q_.protocol()))
        continue;
      glue_[i] = true;
      const std::array<char, 2> number{static_cast<char>(port.number >> 8), static_cast<char>(port.number)};
      if (first_time(name, number) && !out_.srv(dns::section::answer, question_name(q_), w_.how.ttl, 0, weight_,
                                                port.number, in_zone(q_, labels.view()), &written_[i]))
        return false;
    }
    return true;
  }

  bool write_glue(size_t i) {
    if (!glue_[i])
      return true;
    label_buffer buffer;
    const std::string_view name = label(i, buffer);
    const kube::address address = view_.records().entry(endpoints_[i]).address();
    if (!first_time(name, reverse_key(address)))
      return true;
    const label_run labels{name, std::string_view{view_.records().label()}, namespace_, svc};
    const dns::name_ref owner = written_[i] != 0 ? dns::name_ref{{}, written_[i]} : in_zone(q_, labels.view());
    return write_address(out_, dns::section::additional, owner, w_.how.ttl, address);
  }

  const service_view& view_;
  const question& q_;
  const world& w_;
  std::string_view namespace_;
  dns::response& out_;
  std::vector<endpoint_ref> endpoints_;
  std::vector<uint16_t> written_; // where the target of an endpoint stands; 0: written for another one
  std::vector<bool> glue_ = std::vector<bool>(endpoints_.size());
  std::unordered_set<std::string> seen_;
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
