// SPDX-License-Identifier: Apache-2.0
#include "net/template/value.hpp"

#include <algorithm>

namespace troupe::templates {

namespace {

struct truth_reader {
  bool operator()(std::monostate) const noexcept { return false; }
  bool operator()(bool b) const noexcept { return b; }
  bool operator()(int64_t n) const noexcept { return n != 0; }
  bool operator()(uint64_t n) const noexcept { return n != 0; }
  bool operator()(double d) const noexcept { return d != 0; }
  bool operator()(std::string_view s) const noexcept { return !s.empty(); }
  bool operator()(value_list l) const noexcept { return l.size != 0; }
  bool operator()(value_map m) const noexcept { return m.size != 0; }
  bool operator()(const object*) const noexcept { return true; }
};

} // namespace

bool truth(const value& v) noexcept {
  return std::visit(truth_reader{}, v.held);
}

const value* find(const value_map& map, std::string_view key) noexcept {
  const map_entry* const end = map.entries + map.size;
  const map_entry* const at =
    std::lower_bound(map.entries, end, key, [](const map_entry& e, std::string_view k) { return e.key < k; });
  return at != end && at->key == key ? &at->item : nullptr;
}

} // namespace troupe::templates
