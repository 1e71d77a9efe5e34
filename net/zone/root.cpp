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

void root_builder::set_exists(std::string_view namespace_, bool exists) {
  // Readers see the flag at once, through whichever root they hold.
  cell(namespace_)->exists.store(exists, std::memory_order_release);
}

void root_builder::apply(const kube::change& change) {
  const auto* object = std::get_if<kube::namespace_object>(&change.object);
  if (!object)
    return;
  const bool exists = change.kind == kube::change::what::upsert;
  if (listing_ && exists)
    seen_.insert(object->name);
  if (exists || current_.find(octets_of(object->name)))
    set_exists(object->name, exists);
}

void root_builder::list_begin() {
  listing_ = true;
  seen_.clear();
}

void root_builder::list_end() {
  if (!listing_)
    return;
  current_.namespaces.for_each([&](const namespace_cell_ptr& cell) {
    if (!seen_.contains(cell->name))
      cell->exists.store(false, std::memory_order_release);
  });
  listing_ = false;
  seen_.clear();
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
