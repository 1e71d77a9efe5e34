// SPDX-License-Identifier: Apache-2.0
#include "net/zone/root.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe::zone {

void verify(const root& root) {
  root.namespaces.for_each([](const namespace_cell_ptr& cell) {
    if (!cell || cell->name.empty())
      throw std::logic_error("the root holds what is no namespace");
  });
}

root_builder::root_builder(const root& last, cell_book* book) : book_(book), current_(last) {}

root_builder::root_builder(cell_book& book, bool synced, uint32_t seconds) : book_(&book) {
  decltype(current_.namespaces)::editor edit{current_.namespaces};
  for (auto& [name, cell] : book.all())
    edit.put(cell);
  current_.namespaces = std::move(edit).build();
  current_.synced = synced;
  current_.serial = seconds;
}

namespace_cell_ptr root_builder::cell(std::string_view namespace_) {
  if (const namespace_cell_ptr* found = current_.find(octets_of(namespace_)))
    return *found;
  auto made = std::make_shared<namespace_cell>(std::string{namespace_});
  if (book_)
    book_->enter(made);
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
  (*found)->gone.store(true, std::memory_order_release);
  if (book_)
    book_->leave(std::string{namespace_});
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
