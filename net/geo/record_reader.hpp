// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/geo/geo_database.hpp"

#include <maxminddb.h>

namespace troupe::geo {

/// Reads the record of one address, value by value. Nothing recurses, and each value counts, so a file that points in
/// circles or is nested without end costs no more than any other. A value of another type than the one asked for ends
/// it, as in the library that CoreDNS reads with. Names and texts point into the database.
class record_reader {
public:
  explicit record_reader(const MMDB_s& db) noexcept : db_(db) {}

  /// A value, behind a pointer perhaps. Offsets are into the data.
  struct value {
    MMDB_entry_data_s data;
    bool in_place = false; ///< no pointer
    uint32_t contents = 0; ///< of maps and arrays: where their first part stands
    uint32_t behind = 0;   ///< where the next value stands; of maps and arrays in place their first part
  };

  /// Follows one pointer. False: there is no value, or enough of them have been read.
  bool read(uint32_t at, value& out) noexcept;

  /// Calls `f(key, value)` for each part of a map until that says false. False: the map cannot be read, or `f` said so.
  template <class F>
  bool each_member(const value& map, F&& f) {
    return map.data.type == MMDB_DATA_TYPE_MAP && each(map, true, f);
  }
  template <class F>
  bool each_item(const value& array, F&& f) {
    return array.data.type == MMDB_DATA_TYPE_ARRAY &&
           each(array, false, [&](std::string_view, const value& item) { return f(item); });
  }

private:
  template <class F>
  bool each(const value& all, bool with_keys, F&& f) {
    uint32_t at = all.contents;
    for (uint32_t left = all.data.data_size; left > 0; --left) {
      std::string_view key;
      value part;
      if (with_keys && !read_key(at, key))
        return false;
      if (!read(at, part) || !f(key, part) || !skip(at))
        return false;
    }
    return true;
  }
  bool read_key(uint32_t& at, std::string_view& key) noexcept;
  bool skip(uint32_t& at) noexcept;

  const MMDB_s& db_;
  size_t left_ = max_values;
};

} // namespace troupe::geo
