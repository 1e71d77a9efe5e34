// SPDX-License-Identifier: Apache-2.0
#include "net/dns/wire.hpp"
#include "net/zone/choices.hpp"
#include "net/zone/external_parts.hpp"
#include "net/zone/service_view.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace troupe::zone {

namespace {

/// CoreDNS strips an underscore from an endpoint too, unlike below `svc`.
std::string_view endpoint_asked(const question& q) noexcept {
  const std::string_view label = q.endpoint();
  return label.starts_with('_') ? label.substr(1) : label;
}

bool has_numbers(std::span<const port_record> ports) noexcept {
  return std::ranges::any_of(ports, [](const port_record& p) { return p.number != 0; });
}

/// What stands at a name: one service, its external addresses or (with `headless`) its endpoints.
class external_answer {
public:
  external_answer(const service_records& records, const question& q, const world& w, std::string_view namespace_,
                  dns::response& out)
    : records_(records), service_(*records.service()), view_(records, q, w.how), q_(q), w_(w), how_(*w.how.external),
      namespace_(namespace_), out_(out) {}

  outcome answer(dns::name* target) {
    if (how_.headless && !service_.outside && (records_.type() == kube::service::kind::headless || q_.front == 1))
      return answer_endpoints(target);
    if (!service_.outside || view_.matching(service_.ports) == 0)
      return outcome::name_error;
    if (q_.front == 1 && !choice::external_ignores_endpoints)
      return outcome::name_error;
    return q_.type() == dns::rrtype::srv ? answer_srv() : answer_addresses(*service_.outside, target);
  }

private:
  bool is_address_question() const noexcept { return q_.type() == dns::rrtype::a || q_.type() == dns::rrtype::aaaa; }

  /// Addresses of the family asked for, then the load balancer's name as an alias. Of several names the first alone
  /// (RFC 2181 section 10.1). Beside addresses an alias is none (RFC 1034 section 3.6.2), but CoreDNS's clients may
  /// live on either.
  outcome answer_addresses(const external_part& from, dns::name* target) {
    if (!is_address_question())
      return outcome::nodata;
    bool any = write_addresses(from.addresses);
    if (!from.names.empty() && !dns::equal(from.names.front().lowered().wire(), q_.lowered)) {
      const dns::name& alias = from.names.front();
      out_.authoritative();
      out_.name_data(dns::section::answer, question_name(q_), dns::rrtype::cname, w_.how.ttl,
                     {alias.wire().first(alias.size() - 1), 0});
      if (target)
        *target = alias;
      return outcome::external;
    }
    return any ? outcome::answered : outcome::nodata;
  }

  /// Each once; false: there is none of the family asked for.
  bool write_addresses(std::vector<kube::address> all) {
    std::set<kube::address> seen;
    std::erase_if(
      all, [&](const kube::address& a) { return a.v6 != (q_.type() == dns::rrtype::aaaa) || !seen.insert(a).second; });
    if (all.empty())
      return false;
    constexpr size_t always_fit = 24; // in 512 octets, behind a name of usual length; more may begin somewhere else
    if (all.size() > always_fit)
      std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(q_.rotate % all.size()), all.end());
    out_.authoritative();
    for (const kube::address& a : all)
      if (!write_address(out_, dns::section::answer, question_name(q_), how_.ttl, a))
        break;
    return true;
  }

  outcome answer_srv() {
    if (!has_numbers(service_.ports))
      return outcome::nodata;
    const external_part& outside = *service_.outside;
    const uint16_t weight =
      weight_of((outside.addresses.size() + outside.names.size()) * view_.matching(service_.ports));
    external_name own{q_};
    own.add(service_.name).add(namespace_);
    out_.authoritative();
    uint16_t written = 0;
    if (!outside.addresses.empty() && own.fits() && !write_ports(own.in_lower_zone(), weight, &written))
      return outcome::answered;
    for (const dns::name& host : outside.names)
      if (!write_ports({host.wire().first(host.size() - 1), 0}, weight, nullptr))
        return outcome::answered;
    std::set<kube::address> seen;
    for (const kube::address& a : outside.addresses)
      if (written != 0 && seen.insert(a).second)
        write_address(out_, dns::section::additional, {{}, written}, how_.ttl, a);
    return outside.names.empty() ? outcome::answered : outcome::external;
  }

  /// An SRV for each number among the ports asked for. SRV and alias have the TTL of `kubernetes`, all else has that of
  /// `k8s_external`, as in CoreDNS.
  bool write_ports(dns::name_ref target, uint16_t weight, uint16_t* written) {
    std::set<uint16_t> seen;
    for (const port_record& port : service_.ports)
      if (port.number != 0 && port_matches(port, q_.port(), q_.protocol()) && seen.insert(port.number).second &&
          !out_.srv(dns::section::answer, question_name(q_), w_.how.ttl, 0, weight, port.number, target, written))
        return false;
    return true;
  }

  std::vector<endpoint_ref> endpoints() const {
    if (q_.front != 1 || w_.how.noendpoints)
      return view_.endpoints();
    return records_.find_endpoints(endpoint_asked(q_), w_.how.endpoint_pod_names);
  }

  outcome answer_endpoints(dns::name* target) {
    const std::vector<endpoint_ref> all = endpoints();
    if (all.empty()) {
      const bool above_ports = records_.type() == kube::service::kind::headless && view_.exists(); // `_tcp.peers`
      return above_ports ? outcome::nodata : outcome::name_error;
    }
    if (q_.type() == dns::rrtype::srv)
      return answer_endpoint_srv(all);
    external_part found;
    for (endpoint_ref at : all) {
      const endpoint_entry& e = records_.entry(at);
      if (e.kind != endpoint_entry::family::fqdn)
        found.addresses.push_back(records_.slice(at).address(e));
      else if (const auto name = dns::name::from_wire(records_.slice(at).target(e)))
        found.names.push_back(*name);
    }
    return answer_addresses(found, target);
  }

  outcome answer_endpoint_srv(const std::vector<endpoint_ref>& all) {
    size_t rows = 0;
    for (endpoint_ref at : all)
      rows += view_.matching(records_.slice(at).ports);
    std::set<std::pair<std::string, uint16_t>> said;
    std::set<std::pair<std::string, kube::address>> glue;
    std::map<std::string, uint16_t> written; // where a label's name stands in the message
    const auto say = [&](const std::string& known_as, const port_record& port, dns::name_ref target) {
      if (port.number == 0 || !port_matches(port, q_.port(), q_.protocol()) ||
          !said.emplace(known_as, port.number).second)
        return true;
      return out_.srv(dns::section::answer, question_name(q_), w_.how.ttl, 0, weight_of(rows), port.number, target,
                      &written[known_as]);
    };
    for (endpoint_ref at : all) {
      const endpoint_entry& e = records_.entry(at);
      const slice_part& slice = records_.slice(at);
      if (e.kind == endpoint_entry::family::fqdn) {
        const dns::name_view target = slice.target(e);
        const std::string known_as{target.begin(), target.end()}; // in wire form: no label of an endpoint
        for (const port_record& port : slice.ports)
          if (!say(known_as, port, {target.first(target.size() - 1), 0}))
            return authoritative_answer();
        continue;
      }
      label_buffer buffer;
      const std::string label{endpoint_label(slice, e, w_.how.endpoint_pod_names, buffer)};
      external_name name = name_of(label);
      if (label.empty() || !name.fits())
        continue;
      for (const port_record& port : slice.ports) {
        if (!say(label, port, name.in_lower_zone()))
          return authoritative_answer();
        if (written.contains(label))
          glue.emplace(label, slice.address(e));
      }
    }
    if (said.empty())
      return outcome::nodata;
    for (auto& [label, address] : glue) {
      const uint16_t at = written[label];
      external_name name = name_of(label);
      const dns::name_ref owner =
        at != 0 && at <= dns::max_pointer_target ? dns::name_ref{{}, at} : name.in_lower_zone();
      if (!write_address(out_, dns::section::additional, owner, how_.ttl, address))
        break;
    }
    return authoritative_answer();
  }

  outcome authoritative_answer() noexcept {
    out_.authoritative();
    return outcome::answered;
  }

  external_name name_of(std::string_view endpoint) const noexcept {
    external_name name{q_};
    name.add(endpoint).add(records_.label()).add(namespace_);
    return name;
  }

  const service_records& records_;
  const service_part& service_;
  const service_view view_;
  const question& q_;
  const world& w_;
  const external_names& how_;
  std::string_view namespace_;
  dns::response& out_;
};

} // namespace

outcome answer_external(const question& q, const namespace_cell& cell, const table* services, const world& w,
                        dns::response& out, dns::name* target) {
  const service_records_ptr* found =
    exposed(cell, w.how) && services ? services->find(octets_of(q.service_label())) : nullptr;
  if (!found || !(*found)->service())
    return outcome::name_error;
  return external_answer{**found, q, w, cell.name, out}.answer(target);
}

outcome answer_external_reverse(const question& q, const world& w, dns::response& out) {
  const dns::name_view zone = w.how.zones.front().wire();
  std::set<std::pair<std::string_view, std::string_view>> said;
  bool known = false;
  w.reverse.visit_external(q.address, [&](const reverse_view& row) {
    if (!w.how.namespaces.empty() && !find_exposed(row.owner->namespace_, w))
      return true;
    known = true;
    if (q.type() != dns::rrtype::ptr)
      return false;
    const label_run labels{std::string_view{row.owner->service}, std::string_view{row.owner->namespace_}};
    if (!said.emplace(row.owner->namespace_, row.owner->service).second ||
        labels.view().size() + zone.size() > dns::max_name_octets)
      return true;
    std::vector<uint8_t> target{labels.view().begin(), labels.view().end()};
    target.insert(target.end(), zone.begin(), zone.end() - 1);
    return out.name_data(dns::section::answer, question_name(q), dns::rrtype::ptr, w.how.external->ttl, {target, 0});
  });
  if (!known)
    return outcome::name_error;
  if (q.type() != dns::rrtype::ptr)
    return outcome::nodata;
  out.authoritative();
  return outcome::answered;
}

} // namespace troupe::zone
