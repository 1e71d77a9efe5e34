// SPDX-License-Identifier: Apache-2.0
#include "net/zone/reverse.hpp"

namespace troupe::zone {

namespace {

bool is_in(const reverse_table& table, const reverse_view& row) {
  bool found = false;
  const auto compare = [&](const reverse_view& other) {
    found = other.type == row.type && *other.owner == *row.owner &&
            (other.names && row.names ? *other.names == *row.names : other.names == row.names);
    return !found;
  };
  if (row.type == reverse_row::kind::external)
    table.visit_external(row.address, compare);
  else
    table.visit(row.address, compare);
  return found;
}

reverse_row copy_of(const reverse_view& row) {
  return {compact_ptr<reverse_owner>::make(*row.owner),
          row.names ? compact_ptr<reverse_names>::make(*row.names) : nullptr, row.address, row.type};
}

} // namespace

void reverse_keeper::apply(const std::vector<reverse_change>& changes) {
  if (changes.empty())
    return;
  if (!open_)
    open_.emplace(current_);
  for (const reverse_change& c : changes)
    if (c.added)
      open_->put(c.row);
    else
      open_->erase(c.row);
  changed_ = true;
}

void reverse_keeper::close() {
  if (open_)
    current_ = std::move(*open_).build();
  open_.reset();
}

void reverse_keeper::replace(std::string_view namespace_, const std::vector<reverse_row>& rows) {
  close();
  reverse_table wanted;
  reverse_table::editor fill{wanted};
  std::vector<reverse_change> changes;
  for (const reverse_row& row : rows) {
    fill.put(row);
    changes.push_back({true, row});
  }
  wanted = std::move(fill).build();
  current_.for_each([&](const reverse_view& row) {
    if (row.owner->namespace_ == namespace_ && !is_in(wanted, row))
      changes.push_back({false, copy_of(row)});
  });
  apply(changes);
}

reverse_table_ptr reverse_keeper::build() {
  if (!changed_)
    return nullptr;
  changed_ = false;
  close();
  return std::make_shared<const reverse_table>(current_);
}

} // namespace troupe::zone
