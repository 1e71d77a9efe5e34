// SPDX-License-Identifier: Apache-2.0
#include "net/zone/address_set.hpp"
#include "net/zone/answer_parts.hpp"
#include "net/zone/effort.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

/// As in name_servers.cpp: what tenants make of one's own address has an end.
class external_collector {
public:
  external_collector(const answer_context& w, uint8_t families, size_t most) : w_(w), families_(families), most_(most) {
    if (!w.options.noendpoints)
      for (const kube::address& local : w.options.local_addresses)
        add_endpoints_at(local);
    if (!is_endpoint_)
      for (const kube::address& local : w.options.local_addresses)
        add(local);
  }

  std::vector<kube::address> take() { return std::move(found_); }

private:
  bool going_on() const noexcept { return found_.size() < most_ && !work_.spent(); }

  void add(const kube::address& address) {
    const auto family = address.v6 ? endpoint_entry::family::v6 : endpoint_entry::family::v4;
    if (going_on() && work_.spend() && (bit_of(family) & families_) != 0 && seen_.insert(address).second)
      found_.push_back(address);
  }

  void add_endpoints_at(const kube::address& local) {
    constexpr size_t service_looks = 10;
    service_reader services{w_};
    w_.reverse.visit(local, [&](const reverse_view& row) {
      if (row.type != reverse_row::kind::endpoint)
        return true;
      is_endpoint_ = true;
      if (const service_records* records = services.find(*row.owner))
        add_service(*records, local);
      work_.spend(service_looks);
      return going_on();
    });
  }

  void add_service(const service_records& records, const kube::address& local) {
    if (w_.options.external->headless && records.type() == kube::service::kind::headless)
      add_endpoints(records, local);
    else if (const auto& outside = records.service()->outside)
      std::ranges::for_each(outside->addresses, [&](const kube::address& a) { add(a); });
  }

  /// All endpoints of each slice that `local` is in.
  void add_endpoints(const service_records& records, const kube::address& local) {
    for (const slice_part_ptr& s : records.slices())
      if (work_.spend(1 + s->endpoints.size() / compared_at_a_look) && going_on() && holds(*s, local))
        for (const endpoint_entry& e : s->endpoints)
          if (is_address(e))
            add(s->address(e));
  }

  const answer_context& w_;
  const uint8_t families_;
  const size_t most_;
  std::vector<kube::address> found_;
  address_set seen_;
  effort work_{most_server_looks};
  bool is_endpoint_ = false;
};

} // namespace

std::vector<kube::address> external_server_addresses(const answer_context& w, uint8_t families, size_t most) {
  return external_collector{w, families, most}.take();
}

} // namespace troupe::zone
