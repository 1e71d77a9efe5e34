// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/log_lines.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fmt/format.h>
#include <iterator>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace troupe::log {

namespace {

/// Octets of the lines at the front of `text` that make up to PIPE_BUF octets; of the first line, if that is longer.
size_t at_once(std::string_view text) noexcept {
  if (text.size() <= PIPE_BUF)
    return text.size();
  size_t end = text.rfind('\n', PIPE_BUF - 1);
  if (end == text.npos)
    end = text.find('\n');
  return end == text.npos ? text.size() : end + 1;
}

/// False if the descriptor failed. `text` is then what is left.
bool write_whole(int descriptor, std::string_view& text, size_t octets) noexcept {
  while (octets > 0) {
    const ssize_t written = ::write(descriptor, text.data(), octets);
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
      octets -= static_cast<size_t>(written);
    } else if (errno == EAGAIN) { // somebody who shares the pipe made it so
      pollfd room{descriptor, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

} // namespace

void log_lines::add(std::string_view front, std::string_view text) {
  if (!make_room(front.size() + text.size() + 1)) {
    lose(1);
    return;
  }
  name_lost();
  pieces_.back().append(front).append(text).push_back('\n');
}

void log_lines::take(std::string& piece) {
  if (pieces_.empty() || (pieces_.size() == 1 && unnamed_ > 0))
    name_lost();
  piece.clear();
  std::swap(piece, pieces_.front());
  std::swap(spare_, pieces_.front());
  pieces_.pop_front();
  if (spare_.capacity() > 2 * piece_octets)
    spare_ = {};
}

void log_lines::written(size_t lost) noexcept {
  failed_ = lost > 0;
  lose(lost);
}

void log_lines::lose(size_t lines) noexcept {
  lost_ += lines;
  unnamed_ += lines;
}

/// In the last piece. A text that is longer than any piece has one for itself.
bool log_lines::make_room(size_t octets) {
  if (!pieces_.empty() && pieces_.back().size() + octets <= piece_octets)
    return true;
  if (pieces_.size() == most_pieces_)
    return false;
  std::string fresh = std::exchange(spare_, {});
  fresh.clear();
  fresh.reserve(piece_octets);
  pieces_.push_back(std::move(fresh));
  return true;
}

/// Behind what was there before them. Needs little, so the bound is left aside.
void log_lines::name_lost() {
  if (unnamed_ == 0 || failed_)
    return;
  if (pieces_.empty())
    pieces_.emplace_back();
  fmt::format_to(std::back_inserter(pieces_.back()),
                 "[WARNING] log: {} lines were lost here, since standard output did not take them; "
                 "troupe_log_lines_lost_total counts all\n",
                 std::exchange(unnamed_, 0));
}

size_t write_lines(int descriptor, std::string_view text) noexcept {
  while (!text.empty())
    if (!write_whole(descriptor, text, at_once(text)))
      return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  return 0;
}

} // namespace troupe::log
