// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::master {

/// Lines that one $GENERATE makes at most, as in miekg/dns.
inline constexpr int64_t max_generate_steps = 65'536;

/// `START-STOP[/STEP]` of $GENERATE: numbers from START to STOP.
struct generate_range {
  int64_t start = 0, stop = 0, step = 1;
};

/// The range, or what is wrong with it in miekg/dns's words. Numbers are not negative, there are at most
/// max_generate_steps of them.
std::variant<generate_range, const char*> range_from_text(std::string_view text) noexcept;

/// The rest of a $GENERATE: text with `$` and `${OFFSET[,WIDTH[,BASE]]}` for the number, BASE being d, o, x or X.
/// `$$` and `\$` are the sign itself; as in miekg/dns, a backslash before anything but itself and `$` goes together
/// with what stands behind it.
class generate_template {
public:
  struct error {
    const char* words = "";
    size_t begin = 0, end = 0; ///< in the text
  };

  /// Every number of `range` must stay within 31 bits and not be negative with its offset.
  static std::variant<generate_template, error> from_text(std::string_view text, const generate_range& range);

  /// Replaces `out` by the line for `number`.
  void make_line(int64_t number, std::string& out) const;

  size_t longest_line() const noexcept; ///< octets that a line may have

private:
  struct piece {
    std::string literal;    ///< stands before the number
    bool has_number = true; ///< false: the last one
    int64_t offset = 0;
    uint8_t width = 0; ///< digits at least, with zeros in front
    char base = 'd';
  };

  std::vector<piece> pieces_;
};

} // namespace troupe::master
