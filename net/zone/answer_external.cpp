// SPDX-License-Identifier: Apache-2.0
#include "net/zone/address_set.hpp"
#include "net/zone/coredns_compat.hpp"
#include "net/zone/external_parts.hpp"
#include "net/zone/service_view.hpp"
#include "net/zone/srv_set.hpp"

#include <algorithm>

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
  external_answer(const service_records& records, const question& q, const answer_context& w,
                  std::string_view namespace_, dns::response& out)
    : records_(records), service_(*records.service()), view_(records, q, w.options), q_(q), w_(w),
      names_(*w.options.external), namespace_(namespace_), out_(out) {}

  outcome answer(dns::name* target) {
    if (names_.headless && !service_.outside && (records_.type() == kube::service::kind::headless || q_.front == 1))
      return answer_endpoints(target);
    if (!service_.outside || view_.ports().count(service_.ports) == 0)
      return outcome::name_error;
    if (q_.front == 1 && !coredns_compat::external_ignores_endpoints)
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
      out_.name_data(dns::section::answer, question_name(q_), dns::rrtype::cname, w_.options.ttl,
                     {alias.wire().first(alias.size() - 1), 0});
      if (target)
        *target = alias;
      return outcome::external;
    }
    return any ? outcome::answered : outcome::nodata;
  }

  /// False: there is none of the family asked for.
  bool write_addresses(const std::vector<kube::address>& all) {
    const bool v6 = q_.type() == dns::rrtype::aaaa;
    constexpr size_t always_fit = 24; // in 512 octets, behind a name of usual length; more may begin somewhere else
    const size_t first = all.size() > always_fit ? q_.rotate % all.size() : 0;
    bool any = false;
    for (size_t i = 0; i < all.size(); ++i) {
      const size_t at = first + i;
      const kube::address& a = all[at < all.size() ? at : at - all.size()];
      if (a.v6 != v6)
        continue;
      any = true;
      if (!write_address(out_, dns::section::answer, question_name(q_), names_.ttl, a))
        break;
    }
    if (any)
      out_.authoritative();
    return any;
  }

  outcome answer_srv() {
    if (!has_numbers(service_.ports))
      return outcome::nodata;
    const external_part& outside = *service_.outside;
    const uint16_t weight = weight_of(outside.targets * view_.ports().count(service_.ports));
    const std::vector<uint16_t> numbers = numbers_of(service_.ports, view_.ports());
    external_name own{q_};
    own.add(service_.name).add(namespace_);
    out_.authoritative();
    uint16_t written = 0;
    if (!outside.addresses.empty() && own.fits() && !write_ports(numbers, own.in_lower_zone(), weight, &written))
      return outcome::answered;
    for (const dns::name& host : outside.names)
      if (!write_ports(numbers, {host.wire().first(host.size() - 1), 0}, weight, nullptr))
        return outcome::answered;
    for (const kube::address& a : outside.addresses)
      if (written == 0 || !write_address(out_, dns::section::additional, {{}, written}, names_.ttl, a))
        break;
    return outside.names.empty() ? outcome::answered : outcome::external;
  }

  /// SRV and alias have the TTL of `kubernetes`, all else has that of `k8s_external`, as in CoreDNS.
  bool write_ports(const std::vector<uint16_t>& numbers, dns::name_ref target, uint16_t weight, uint16_t* written) {
    return std::ranges::all_of(numbers, [&](uint16_t number) {
      return out_.srv(dns::section::answer, question_name(q_), w_.options.ttl, 0, weight, number, target, written);
    });
  }

  /// Calls `f(at)` for the endpoints asked for, of all families, while it returns true.
  template <class F>
  void visit_endpoints(F&& f) const {
    if (q_.front != 1 || w_.options.noendpoints)
      return view_.visit(any_family, f);
    endpoint_search search{endpoint_asked(q_), w_.options.endpoint_pod_names};
    for (size_t s = 0; s < records_.slices().size() && view_.work().spend(); ++s)
      for (uint16_t i : search.in(*records_.slices()[s]))
        if (!view_.work().spend() || !f(endpoint_ref{static_cast<uint16_t>(s), i}))
          return;
  }

  outcome answer_endpoints(dns::name* target) {
    if (q_.type() == dns::rrtype::srv)
      return answer_endpoint_srv();
    external_part found;
    address_set seen;
    const size_t most = most_records(out_);
    const bool v6 = q_.type() == dns::rrtype::aaaa;
    bool any = false;
    visit_endpoints([&](endpoint_ref at) {
      const endpoint_entry& e = records_.entry(at);
      any = true;
      if (e.kind == endpoint_entry::family::fqdn) {
        if (const auto name = dns::name::from_wire(records_.slice(at).target(e)); name && found.names.empty())
          found.names.push_back(*name);
      } else if (const kube::address a = records_.slice(at).address(e); a.v6 == v6 && seen.insert(a).second) {
        found.addresses.push_back(a);
      }
      return is_address_question() && found.addresses.size() < most;
    });
    if (!any)
      return nothing_there();
    if (view_.work().spent())
      out_.truncated();
    const outcome result = answer_addresses(found, target);
    return view_.if_sure(result);
  }

  outcome nothing_there() const {
    const bool above_ports = // `_tcp.peers`
      q_.front == 1 && records_.type() == kube::service::kind::headless && view_.implied();
    return view_.if_sure(above_ports ? outcome::implied : outcome::name_error);
  }

  outcome answer_endpoint_srv() {
    size_t rows = 0;
    bool any = false;
    visit_endpoints([&](endpoint_ref at) {
      any = true;
      rows += view_.ports().count(records_.slice(at).ports);
      return rows < enough_rows;
    });
    if (!any)
      return nothing_there();
    srv_set found{q_, out_, view_.work(), weight_of(std::max<size_t>(rows, 1)), w_.options.ttl, names_.ttl};
    const slice_part* before = nullptr;
    visit_endpoints([&](endpoint_ref at) {
      const endpoint_entry& e = records_.entry(at);
      const slice_part& slice = records_.slice(at);
      if (!before || !slice.ports.shares(before->ports))
        found.set_ports(numbers_of(slice.ports, view_.ports()));
      before = &slice;
      if (e.kind == endpoint_entry::family::fqdn) {
        const dns::name_view target = slice.target(e);
        return found.add({target.first(target.size() - 1), 0});
      }
      label_buffer buffer;
      const std::string_view label = endpoint_label(slice, e, w_.options.endpoint_pod_names, buffer);
      external_name name = name_of(label);
      if (label.empty() || !name.fits())
        return true;
      const kube::address address = slice.address(e);
      return found.add(name.in_lower_zone(), &address);
    });
    return found.finish() ? outcome::answered : view_.if_sure(outcome::nodata);
  }

  external_name name_of(std::string_view endpoint) const noexcept {
    external_name name{q_};
    name.add(dotted{endpoint}).add(records_.label()).add(namespace_);
    return name;
  }

  const service_records& records_;
  const service_part& service_;
  const service_view view_;
  const question& q_;
  const answer_context& w_;
  const external_names& names_;
  std::string_view namespace_;
  dns::response& out_;
};

} // namespace

outcome answer_external(const question& q, const namespace_cell& cell, const table* services, const answer_context& w,
                        dns::response& out, dns::name* target) {
  const service_records_ptr* found =
    exposed(cell, w.options) && services ? services->find(octets_of(q.service_label())) : nullptr;
  if (!found || !(*found)->service())
    return outcome::name_error;
  return external_answer{**found, q, w, cell.name, out}.answer(target);
}

outcome answer_external_reverse(const question& q, const answer_context& w, dns::response& out) {
  const dns::name_view zone = w.options.zones.front().wire();
  label_set said;
  bool known = false;
  w.reverse.visit_external(q.address, [&](const reverse_view& row) {
    if (!w.options.namespaces.empty() && !find_exposed(row.owner->namespace_, w))
      return true;
    known = true;
    if (q.type() != dns::rrtype::ptr)
      return false;
    const label_run labels{std::string_view{row.owner->service}, std::string_view{row.owner->namespace_}};
    if (labels.view().size() + zone.size() > dns::max_name_octets || !said.add(labels.view()).is_new)
      return true;
    std::vector<uint8_t> target{labels.view().begin(), labels.view().end()};
    target.insert(target.end(), zone.begin(), zone.end() - 1);
    return out.name_data(dns::section::answer, question_name(q), dns::rrtype::ptr, w.options.external->ttl,
                         {target, 0});
  });
  if (!known)
    return outcome::name_error;
  if (q.type() != dns::rrtype::ptr)
    return outcome::implied;
  out.authoritative();
  return outcome::answered;
}

} // namespace troupe::zone
