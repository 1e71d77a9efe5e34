// SPDX-License-Identifier: Apache-2.0
#include "net/zone/reverse.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe::zone {

namespace {

template <class T>
bool same_value(const compact_ptr<T>& a, const compact_ptr<T>& b) noexcept {
  return a == b || (a && b && *a == *b);
}

} // namespace

std::array<uint8_t, 17> reverse_key(const kube::address& address) noexcept {
  std::array<uint8_t, 17> key;
  std::copy(address.octets.begin(), address.octets.end(), key.begin());
  key[16] = address.v6 ? 6 : 4;
  return key;
}

namespace {
constexpr uint8_t external_mark = 0x10; // beside the family
} // namespace

std::array<uint8_t, 17> external_key(const kube::address& address) noexcept {
  std::array<uint8_t, 17> key = reverse_key(address);
  key[16] |= external_mark;
  return key;
}

kube::address reverse_row::address() const noexcept {
  kube::address result;
  std::copy_n(key.begin(), 16, result.octets.begin());
  result.v6 = (key[16] & ~external_mark) == 6;
  return result;
}

bool reverse_row::operator==(const reverse_row& other) const noexcept {
  return key == other.key && cluster_ip == other.cluster_ip && same_value(owner, other.owner) &&
         same_value(names, other.names);
}

void verify(const reverse_table& of) {
  of.for_each([](const reverse_row& row) {
    if (!row.owner)
      throw std::logic_error("the table of addresses holds one that is nobody's");
  });
}

void reverse_keeper::apply(const std::vector<reverse_change>& changes) {
  if (changes.empty())
    return;
  reverse_table::editor edit{current_};
  for (const reverse_change& c : changes)
    if (c.added)
      edit.put(c.row);
    else
      edit.erase_if(c.row.key, [&](const reverse_row& row) { return row == c.row; });
  current_ = std::move(edit).build();
  changed_ = true;
}

void reverse_keeper::replace(std::string_view namespace_, const std::vector<reverse_row>& rows) {
  reverse_table wanted;
  reverse_table::editor fill{wanted};
  std::vector<reverse_change> changes;
  for (const reverse_row& row : rows) {
    fill.put(row);
    changes.push_back({true, row});
  }
  wanted = std::move(fill).build();
  current_.for_each([&](const reverse_row& row) {
    if (row.owner->namespace_ != namespace_)
      return;
    bool stays = false;
    wanted.visit(row.key, [&](const reverse_row& other) { return !(stays = row == other); });
    if (!stays)
      changes.push_back({false, row});
  });
  apply(changes);
}

reverse_table_ptr reverse_keeper::build() {
  if (!changed_)
    return nullptr;
  changed_ = false;
  return std::make_shared<const reverse_table>(current_);
}

} // namespace troupe::zone
