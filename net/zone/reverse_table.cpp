// SPDX-License-Identifier: Apache-2.0
#include "net/zone/reverse_table.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe::zone {

namespace {

template <class T>
bool same_value(const compact_ptr<T>& a, const compact_ptr<T>& b) noexcept {
  return a == b || (a && b && *a == *b);
}

} // namespace

template <size_t Octets>
bool reverse_table::by_address<Octets>::same(const row<Octets>& a, const row<Octets>& b) noexcept {
  return a.cluster_ip == b.cluster_ip && same_value(a.owner, b.owner) && same_value(a.names, b.names);
}

void reverse_table::editor::put(const reverse_row& row) {
  using enum reverse_row::kind;
  if (row.address.v6)
    v6_.put({row.owner, row.names, key_of<16>(row.address, row.type == external), row.type == cluster_ip});
  else
    v4_.put({row.owner, row.names, key_of<4>(row.address, row.type == external), row.type == cluster_ip});
}

void reverse_table::editor::erase(const reverse_row& row) {
  const auto is_it = [&](auto& r) {
    return r.type() == row.type && same_value(r.owner, row.owner) && same_value(r.names, row.names);
  };
  const bool external = row.type == reverse_row::kind::external;
  if (row.address.v6)
    v6_.erase_if(key_of<16>(row.address, external), is_it);
  else
    v4_.erase_if(key_of<4>(row.address, external), is_it);
}

reverse_table reverse_table::editor::build() && {
  reverse_table made;
  made.v4_ = std::move(v4_).build();
  made.v6_ = std::move(v6_).build();
  return made;
}

void verify(const reverse_table& table) {
  table.for_each([](const reverse_view& row) {
    if (!row.owner)
      throw std::logic_error("the table of addresses holds one that is nobody's");
  });
}

} // namespace troupe::zone
