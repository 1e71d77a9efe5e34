// SPDX-License-Identifier: Apache-2.0
#include "net/zone/apex_records.hpp"

#include "net/zone/answer_parts.hpp"
#include "net/zone/label_set.hpp"
#include "net/zone/soa.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

std::string_view label_at(dns::name_view labels, size_t at) noexcept {
  return text_of(labels.subspan(at + 1, labels[at]));
}

/// `[<endpoint>.]<service>.<ns>.svc` of a namespace that is shown.
bool is_shown_service(dns::name_view labels, const answer_context& w) noexcept {
  std::string_view last, before;
  for (size_t at = 0; at < labels.size(); at += size_t{1} + labels[at]) {
    before = last;
    last = label_at(labels, at);
  }
  return last == "svc" && find_exposed(before, w) != nullptr;
}

} // namespace

zone_authority apex_records::authority(const answer_context& w) noexcept {
  zone_authority out;
  out.serial = w.root.serial;
  out.ttl = soa_ttl(w.options);
  out.minimum = soa_minimum(w.options);
  out.primary.add(dns::name_view{soa_mname});
  out.mailbox.add(dns::name_view{soa_rname});
  return out;
}

void apex_records::begin(const answer_context& w, bool services_follow) {
  ttl_ = w.options.ttl;
  label_set names;
  visit_name_servers(w, [&](dns::name_view labels, const kube::address& address) {
    const auto known = names.add(labels);
    if (known.is_new)
      servers_.push_back({{labels.begin(), labels.end()}, {}});
    if (!services_follow || !is_shown_service(labels, w))
      servers_[known.number].addresses.push_back(address);
    return true;
  });
  if (servers_.empty()) {
    const label_string own{std::string_view{"ns"}, std::string_view{"dns"}};
    servers_.push_back({{own.view().begin(), own.view().end()}, {}});
  }
}

bool apex_records::next(zone_record& out) {
  out.owner.clear();
  out.ttl = ttl_;
  if (!addresses_now_ && server_ < servers_.size()) {
    out.type = dns::rrtype::ns;
    out.target.clear();
    out.target.add(dns::name_view{servers_[server_++].labels});
    return true;
  }
  if (!std::exchange(addresses_now_, true))
    server_ = 0;
  for (; server_ < servers_.size(); ++server_, address_ = 0) {
    const server& at = servers_[server_];
    if (address_ == at.addresses.size())
      continue;
    out.address = at.addresses[address_++];
    out.type = out.address.v6 ? dns::rrtype::aaaa : dns::rrtype::a;
    out.owner.add(dns::name_view{at.labels});
    return true;
  }
  return false;
}

} // namespace troupe::zone
