// SPDX-License-Identifier: Apache-2.0
#include "config/edits.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

constexpr std::string_view blanks = " \t\r";

size_t begin_of_line(std::string_view whole, size_t at) {
  const size_t before = at == 0 ? whole.npos : whole.rfind('\n', at - 1);
  return before == whole.npos ? 0 : before + 1;
}

/// What goes with octets that are taken out.
edit widened(std::string_view whole, edit e) {
  const size_t line = begin_of_line(whole, e.begin);
  const size_t last = whole.substr(0, e.begin).find_last_not_of(blanks);
  const size_t next = std::min(whole.find_first_not_of(blanks, e.end), whole.size());
  const bool alone = last == whole.npos || last < line;
  const bool ends = next == whole.size() || whole[next] == '\n';
  if (alone && ends) {
    e.begin = static_cast<uint32_t>(line);
    e.end = static_cast<uint32_t>(std::min(next + 1, whole.size()));
  } else if (alone) {
    e.end = static_cast<uint32_t>(next);
  } else {
    e.begin = static_cast<uint32_t>(last + 1);
  }
  return e;
}

} // namespace

std::string edited(std::string_view whole, std::vector<edit> edits) {
  for (edit& e : edits) {
    if (e.text.empty())
      e = widened(whole, std::move(e));
  }
  std::stable_sort(edits.begin(), edits.end(),
                   [](const edit& a, const edit& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
  edits.erase(std::unique(edits.begin(), edits.end()), edits.end()); // of a snippet that is imported twice
  std::string out;
  size_t at = 0;
  for (const edit& e : edits) {
    if (e.begin < at)
      continue;
    out += whole.substr(at, e.begin - at);
    out += e.text;
    at = e.end;
  }
  return out.append(whole.substr(at));
}

std::string indentation(std::string_view whole, size_t at) {
  const size_t line = begin_of_line(whole, at);
  const size_t first = std::min(whole.find_first_not_of(" \t", line), at);
  std::string front{whole.substr(line, first - line)};
  return first == at ? front : deeper(front);
}

std::string deeper(const std::string& indentation) {
  return indentation + (indentation.find('\t') == indentation.npos ? "    " : "\t");
}

size_t end_of_line(std::string_view whole, size_t at) {
  const size_t end = std::min(whole.find('\n', at), whole.size());
  return end > at && whole[end - 1] == '\r' ? end - 1 : end;
}

std::string_view line_end(std::string_view whole) {
  return whole.find("\r\n") == whole.npos ? "\n" : "\r\n";
}

} // namespace troupe::config
