// SPDX-License-Identifier: Apache-2.0
#include "net/geo/record_reader.hpp"

namespace troupe::geo {

bool record_reader::read(uint32_t at, value& out) noexcept {
  if (left_ == 0)
    return false;
  --left_;
  MMDB_entry_s entry{&db_, at};
  const char* const no_further[] = {nullptr};
  if (MMDB_aget_value(&entry, &out.data, no_further) != MMDB_SUCCESS || !out.data.has_data)
    return false;
  // Of what a pointer leads to the library says where the parts stand, if it has any, and not what follows the pointer.
  const unsigned control = db_.data_section[at];
  out.in_place = control >> 5 != MMDB_DATA_TYPE_POINTER;
  out.contents = out.data.offset_to_next;
  out.behind = out.in_place ? out.data.offset_to_next : at + 2 + (control >> 3 & 3);
  return true;
}

bool record_reader::read_key(uint32_t& at, std::string_view& key) noexcept {
  value found;
  if (!read(at, found) || found.data.type != MMDB_DATA_TYPE_UTF8_STRING)
    return false;
  key = {found.data.utf8_string, found.data.data_size};
  at = found.behind;
  return true;
}

/// Over the value at `at` and all that it has in place.
bool record_reader::skip(uint32_t& at) noexcept {
  for (uint64_t values = 1; values > 0; --values) {
    value found;
    if (!read(at, found))
      return false;
    if (found.in_place && found.data.type == MMDB_DATA_TYPE_MAP)
      values += 2 * uint64_t{found.data.data_size};
    else if (found.in_place && found.data.type == MMDB_DATA_TYPE_ARRAY)
      values += found.data.data_size;
    at = found.behind;
  }
  return true;
}

} // namespace troupe::geo
