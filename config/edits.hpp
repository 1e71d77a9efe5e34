// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::config {

/// `text` in the place of the octets from `begin` to `end`. What goes without anything in its place takes its line
/// along if nothing else stands there; a comment behind it stays.
struct edit {
  uint32_t begin = 0, end = 0;
  std::string text;

  bool operator==(const edit&) const = default;
};

/// `whole` after all of `edits`, in any order. Of two that overlap the one that begins first counts, or the longer one.
std::string edited(std::string_view whole, std::vector<edit> edits);

/// The white space at the front of the line of the octet `at`; with four blanks, or a tab, behind it if something else
/// stands in front of `at`.
std::string indentation(std::string_view whole, size_t at);

/// One step further in.
std::string deeper(const std::string& indentation);

/// The end of the line of the octet `at`, without what ends it.
size_t end_of_line(std::string_view whole, size_t at);

/// What ends lines there.
std::string_view line_end(std::string_view whole);

} // namespace troupe::config
