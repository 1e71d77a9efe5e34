// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/log_lines.hpp"

#include "net/socket.hpp"

#include <algorithm>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

using troupe::log::log_lines;
using troupe::log::write_lines;

namespace {

std::string lost_text(int lines) {
  return "[WARNING] log: " + std::to_string(lines) +
         " lines were lost here, since standard output did not take them; troupe_log_lines_lost_total counts all\n";
}

std::string taken(log_lines& lines) {
  std::string piece;
  lines.take(piece);
  return piece;
}

std::string all_taken(log_lines& lines) {
  std::string all;
  while (!lines.empty())
    all += taken(lines);
  return all;
}

const std::string half(log_lines::piece_octets / 2 - 1, 'h'); ///< with its end of line, half a piece

} // namespace

TEST(log_lines, come_out_as_they_went_in) {
  log_lines lines{4};
  EXPECT_TRUE(lines.empty());
  std::string all;
  for (int i = 0; i < 6'000; ++i) {
    lines.add("[INFO] ", std::to_string(i) + " a line of some length");
    all += "[INFO] " + std::to_string(i) + " a line of some length\n";
    if (i % 1'000 == 999) {
      EXPECT_EQ(all_taken(lines), all) << i;
      all.clear();
    }
  }
  EXPECT_EQ(lines.lost(), 0u);
}

TEST(log_lines, what_finds_no_room_is_counted_and_named_in_its_place) {
  log_lines lines{2};
  for (int i = 0; i < 4; ++i)
    lines.add("", half);
  for (int i = 0; i < 3; ++i)
    lines.add("", "no room");
  EXPECT_EQ(lines.lost(), 3u);
  EXPECT_EQ(taken(lines), half + "\n" + half + "\n");
  lines.add("", "room again");
  EXPECT_EQ(all_taken(lines), half + "\n" + half + "\n" + lost_text(3) + "room again\n");
  EXPECT_TRUE(lines.empty());
}

TEST(log_lines, what_is_lost_is_named_though_nothing_comes_later) {
  log_lines lines{1};
  lines.add("", half);
  lines.add("", half);
  lines.add("", "no room");
  EXPECT_EQ(all_taken(lines), half + "\n" + half + "\n" + lost_text(1));
  EXPECT_TRUE(lines.empty());
}

TEST(log_lines, what_a_sink_refused_is_named_when_it_takes_lines_again) {
  log_lines lines{2};
  lines.add("", "one");
  lines.add("", "two");
  taken(lines);
  lines.written(2); // a full disk
  EXPECT_TRUE(lines.empty()) << "there is nothing to try with";
  lines.add("", "three");
  EXPECT_EQ(taken(lines), "three\n");
  lines.written(1);
  lines.add("", "four");
  EXPECT_EQ(taken(lines), "four\n");
  lines.written(0);
  EXPECT_FALSE(lines.empty());
  EXPECT_EQ(taken(lines), lost_text(3));
  lines.written(0);
  EXPECT_TRUE(lines.empty());
  EXPECT_EQ(lines.lost(), 3u);
}

TEST(log_lines, a_line_longer_than_a_piece_is_whole) {
  log_lines lines{2};
  const std::string longest(3 * log_lines::piece_octets, 'x');
  lines.add("", "short");
  lines.add("", longest);
  lines.add("", "lost");
  EXPECT_EQ(all_taken(lines), "short\n" + longest + "\n" + lost_text(1));
}

TEST(log_lines, a_pipe_gets_whole_lines_in_one_call) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_DIRECT), 0); // each write is a packet
  const troupe::net::descriptor out{ends[0]}, in{ends[1]};
  std::string text;
  for (int i = 0; i < 500; ++i)
    text += std::string(static_cast<size_t>(i % 90), 'a') + "\n";
  EXPECT_EQ(write_lines(in.get(), text), 0u);
  std::string got(2 * PIPE_BUF, 0), all;
  while (all.size() < text.size()) {
    const ssize_t n = ::read(out.get(), got.data(), got.size());
    ASSERT_GT(n, 0);
    all.append(got, 0, static_cast<size_t>(n));
    EXPECT_EQ(all.back(), '\n');
  }
  EXPECT_EQ(all, text);
}

TEST(log_lines, says_how_many_lines_a_failed_descriptor_did_not_take) {
  const troupe::net::descriptor full{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
  EXPECT_EQ(write_lines(full.get(), "one\ntwo\nthree\n"), 3u);
  EXPECT_EQ(write_lines(full.get(), ""), 0u);
}
