// SPDX-License-Identifier: Apache-2.0
#include "net/zone/answer_parts.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

class collector {
public:
  explicit collector(const world& w) : w_(w) {
    if (!w.how.noendpoints)
      for (const kube::address& local : w.how.local_addresses)
        w.reverse.visit(local, [&](const reverse_view& row) {
          if (row.what == reverse_row::kind::endpoint) {
            add_service(*row.owner, local);
            is_endpoint_ = true;
          }
          return true;
        });
    if (!is_endpoint_)
      for (const kube::address& local : w.how.local_addresses)
        add(local);
  }

  std::vector<kube::address> take() { return std::move(found_); }

private:
  void add(const kube::address& address) {
    if (std::ranges::count(found_, address) == 0)
      found_.push_back(address);
  }

  void add_service(const reverse_owner& owner, const kube::address& local) {
    const service_records_ptr records = records_of(owner, w_);
    if (!records)
      return;
    if (w_.how.external->headless && records->type() == kube::service::kind::headless)
      add_endpoints(*records, local);
    else if (const auto& outside = records->service()->outside)
      std::ranges::for_each(outside->addresses, [&](const kube::address& a) { add(a); });
  }

  /// All endpoints of each slice that `local` is in.
  void add_endpoints(const service_records& records, const kube::address& local) {
    for (const slice_part_ptr& s : records.slices())
      if (std::ranges::any_of(s->endpoints,
                              [&](const endpoint_entry& e) { return is_address(e) && s->address(e) == local; }))
        for (const endpoint_entry& e : s->endpoints)
          if (is_address(e))
            add(s->address(e));
  }

  const world& w_;
  std::vector<kube::address> found_;
  bool is_endpoint_ = false;
};

} // namespace

std::vector<kube::address> external_server_addresses(const world& w) {
  return collector{w}.take();
}

} // namespace troupe::zone
