// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace troupe::log {

/// Lines on their way to whoever takes them, in pieces, so that no line waits for a long text to be moved. Bounded:
/// lines that find no room are lost, counted, and named in a line of their own at the place where they would be.
/// Thread: one at a time.
class log_lines {
public:
  static constexpr size_t piece_octets = 64 * 1024;

  explicit log_lines(size_t most_pieces) : most_pieces_(most_pieces) {}

  void add(std::string_view front, std::string_view text);
  bool empty() const noexcept { return pieces_.empty() && (unnamed_ == 0 || failed_); }
  /// The oldest piece, whole lines, in place of what `piece` holds, whose memory is used again. Not while empty().
  void take(std::string& piece);
  /// What became of a piece: how many of its lines got no further. What is lost is named once one got through.
  void written(size_t lost) noexcept;
  void lose(size_t lines) noexcept;
  unsigned long long lost() const noexcept { return lost_; }

private:
  bool make_room(size_t octets);
  void name_lost();

  const size_t most_pieces_;
  std::deque<std::string> pieces_;
  std::string spare_; ///< memory for the next piece
  unsigned long long lost_ = 0;
  unsigned long long unnamed_ = 0; ///< of the lost
  bool failed_ = false;            ///< the last piece did not get through
};

/// Writes whole lines, as many in one call as a pipe takes without putting another's between them, and waits for who
/// takes them. How many lines were not taken, since the descriptor failed.
size_t write_lines(int descriptor, std::string_view text) noexcept;

} // namespace troupe::log
