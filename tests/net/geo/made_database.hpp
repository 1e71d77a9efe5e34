// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

/// Databases in MaxMind's format with one node, whose both sides lead to the first value of the data: every address has
/// that record. Values are written by hand.
namespace troupe::geo::made {

inline std::string control(unsigned type, size_t size) {
  std::string out;
  const unsigned first = size < 29 ? static_cast<unsigned>(size) : size < 285 ? 29 : size < 65821 ? 30 : 31;
  out += static_cast<char>((type > 7 ? 0 : type) << 5 | first);
  if (type > 7)
    out += static_cast<char>(type - 7);
  const size_t more = first == 29 ? size - 29 : first == 30 ? size - 285 : first == 31 ? size - 65821 : 0;
  for (unsigned octets = first < 29 ? 0 : first - 28; octets-- > 0;)
    out += static_cast<char>(more >> (8 * octets));
  return out;
}
inline std::string text(const std::string& s) {
  return control(2, s.size()) + s;
}
inline std::string map(size_t members, const std::string& all) {
  return control(7, members) + all;
}
inline std::string array(size_t items, const std::string& all) {
  return control(11, items) + all;
}
inline std::string number(unsigned n) {
  return control(6, 4) + std::string{static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
                                     static_cast<char>(n)};
}
/// Of type uint16 or uint64, which the metadata wants to be just so.
inline std::string small(unsigned n) {
  return control(5, 2) + std::string{static_cast<char>(n >> 8), static_cast<char>(n)};
}
inline std::string wide(unsigned n) {
  return control(9, 1) + static_cast<char>(n);
}
inline std::string boolean(bool b) {
  return control(14, b ? 1 : 0);
}
/// To an offset in the data below 2048.
inline std::string pointer(unsigned to) {
  return {static_cast<char>(1 << 5 | to >> 8), static_cast<char>(to)};
}

inline std::string metadata(const std::string& type, unsigned nodes = 1) {
  return "\xab\xcd\xefMaxMind.com" +
         map(9, text("node_count") + number(nodes) + text("record_size") + small(24) + text("ip_version") + small(6) +
                  text("database_type") + text(type) + text("languages") + array(1, text("en")) +
                  text("binary_format_major_version") + small(2) + text("binary_format_minor_version") + small(0) +
                  text("build_epoch") + wide(1) + text("description") + map(1, text("en") + text("made")));
}

inline std::string database(const std::string& data, const std::string& type = "GeoLite2-City") {
  const std::string to_data{0, 0, 1 + 16}; // of each side: behind one node and the separator
  return to_data + to_data + std::string(16, '\0') + data + metadata(type);
}

/// A file that goes with the value.
class file {
public:
  explicit file(const std::string& octets) {
    const int fd = ::mkstemp(path_);
    if (fd >= 0)
      ::close(fd);
    write(octets);
  }
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file() { std::remove(path_); }

  void write(const std::string& octets) { std::ofstream{path_, std::ios::binary | std::ios::trunc} << octets; }
  std::string path() const { return path_; }

private:
  char path_[32] = "/tmp/troupe-geo-XXXXXX";
};

} // namespace troupe::geo::made
