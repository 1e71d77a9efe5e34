// SPDX-License-Identifier: Apache-2.0
#include "net/zone/root.hpp"

#include <algorithm>

namespace troupe::zone {

root_builder::root_builder(const root& last) : current_(last) {}

namespace_cell_ptr root_builder::cell(std::string_view namespace_) {
  if (const namespace_cell_ptr* found = current_.find(octets_of(namespace_)))
    return *found;
  auto made = std::make_shared<namespace_cell>(std::string{namespace_});
  decltype(current_.namespaces)::editor edit{current_.namespaces};
  edit.put(made);
  current_.namespaces = std::move(edit).build();
  changed_ = true;
  return made;
}

bool root_builder::set_exists(std::string_view namespace_, bool exists) {
  // Readers see the flag at once, through whichever root they hold.
  return cell(namespace_)->exists.exchange(exists, std::memory_order_acq_rel) != exists;
}

bool root_builder::apply(const kube::change& change) {
  const auto* object = std::get_if<kube::namespace_object>(&change.object);
  if (!object)
    return false;
  const bool exists = change.kind == kube::change::what::upsert;
  if (listing_ && exists)
    seen_.insert(object->name);
  if (exists || current_.find(octets_of(object->name)))
    return set_exists(object->name, exists);
  return false;
}

void root_builder::list_begin() {
  listing_ = true;
  seen_.clear();
}

bool root_builder::list_end() {
  if (!listing_)
    return false;
  bool gone = false;
  current_.namespaces.for_each([&](const namespace_cell_ptr& cell) {
    if (!seen_.contains(cell->name))
      gone |= cell->exists.exchange(false, std::memory_order_acq_rel);
  });
  listing_ = false;
  seen_.clear();
  return gone;
}

void root_builder::touched(uint32_t seconds) {
  changed_ |= seconds > current_.serial;
  current_.serial = std::max(current_.serial, seconds);
}

void root_builder::forget(std::string_view namespace_) {
  const namespace_cell_ptr* found = current_.find(octets_of(namespace_));
  if (!found || (*found)->exists.load(std::memory_order_relaxed))
    return;
  decltype(current_.namespaces)::editor edit{current_.namespaces};
  edit.erase(octets_of(namespace_));
  current_.namespaces = std::move(edit).build();
  changed_ = true;
}

root_ptr root_builder::build() {
  if (!changed_)
    return nullptr;
  changed_ = false;
  return std::make_shared<const root>(current_);
}

} // namespace troupe::zone
