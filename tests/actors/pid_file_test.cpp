// SPDX-License-Identifier: Apache-2.0
#include "actors/server/pid_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

using troupe::pid_file;
namespace fs = std::filesystem;

namespace {

std::string content(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

class pid_files : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "troupe-pid-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string folder;
};

TEST_F(pid_files, hold_the_number_while_the_owner_lives) {
  const std::string path = folder + "/pid";
  std::ofstream{path} << "an older and longer one";
  {
    pid_file file{path};
    EXPECT_EQ(file.write(), std::nullopt);
    EXPECT_EQ(content(path), std::to_string(::getpid()) + "\n");
  }
  EXPECT_FALSE(fs::exists(path));
  pid_file none{""};
  EXPECT_EQ(none.write(), std::nullopt);
}

TEST_F(pid_files, follow_no_link_and_write_to_nothing_but_files) {
  std::ofstream{folder + "/victim"} << "precious";
  ASSERT_EQ(::symlink("victim", (folder + "/link").c_str()), 0);
  ASSERT_EQ(::mkfifo((folder + "/pipe").c_str(), 0600), 0);
  struct {
    std::string path;
    std::string why;
  } cases[] = {
    {folder + "/link", "is a symbolic link"},
    {folder + "/pipe", "No such device or address"},
    {"/dev/null", "is no file"},
    {folder, "Is a directory"},
    {folder + "/none/pid", "No such file or directory"},
  };
  for (auto& c : cases) {
    pid_file file{c.path};
    EXPECT_EQ(file.write(), "open " + c.path + ": " + c.why);
  }
  EXPECT_EQ(content(folder + "/victim"), "precious");
  EXPECT_TRUE(fs::is_symlink(folder + "/link"));
  EXPECT_TRUE(fs::exists("/dev/null"));
}

} // namespace
