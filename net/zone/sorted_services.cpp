// SPDX-License-Identifier: Apache-2.0
#include "net/zone/sorted_services.hpp"

#include "net/zone/answer_parts.hpp"

#include <algorithm>

namespace troupe::zone {

namespace {

bool before(const placed_service& a, const placed_service& b) noexcept {
  const int order = a.records->label().compare(b.records->label());
  return order != 0 ? order < 0 : a.home->name < b.home->name;
}

} // namespace

void sorted_services::add(namespace_cell_ptr home, table_ptr services) {
  tables_.push_back({std::move(home), std::move(services)});
}

void sorted_services::add_exposed(const root& names, const options& options, bool imported) {
  names.namespaces.for_each([&](const namespace_cell_ptr& cell) {
    table_ptr services = exposed(*cell, options) ? cell->of(imported).snapshot() : nullptr;
    if (services)
      add(cell, std::move(services));
  });
}

/// The heap's order: std heaps have the greatest in front.
bool sorted_services::later(const run& a, const run& b) noexcept {
  return before(b.services.back(), a.services.back());
}

bool sorted_services::prepare() {
  while (table_ < tables_.size() && reading_.size() < run_size) {
    const from& at = tables_[table_];
    if (bucket_ == at.services->buckets()) {
      ++table_, bucket_ = 0;
      continue;
    }
    at.services->for_each_in(bucket_++, [&](const service_records_ptr& r) {
      if (r->service())
        reading_.push_back({r.get(), at.home.get()});
    });
  }
  if (reading_.empty())
    return false;
  close_run();
  return true;
}

void sorted_services::close_run() {
  std::ranges::sort(reading_, [](const placed_service& a, const placed_service& b) { return before(b, a); });
  runs_.push_back({std::exchange(reading_, {})});
  std::ranges::push_heap(runs_, later);
}

std::optional<placed_service> sorted_services::next() {
  if (runs_.empty())
    return std::nullopt;
  std::ranges::pop_heap(runs_, later);
  run& first = runs_.back();
  const placed_service out = first.services.back();
  first.services.pop_back();
  if (first.services.empty())
    runs_.pop_back();
  else
    std::ranges::push_heap(runs_, later);
  return out;
}

} // namespace troupe::zone
