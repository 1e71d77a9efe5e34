// SPDX-License-Identifier: Apache-2.0
#include "config/environment.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace troupe::config;

namespace {

/// A folder with some files, gone with the test.
class environment_of_process : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "troupe-config-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    for (const char* file : {"b.server", "a.server", ".c.server", "d"})
      std::ofstream{folder + "/" + file} << file;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string folder;
  environment env = process_environment();
};

} // namespace

TEST_F(environment_of_process, finds_paths_in_order) {
  using list = std::vector<std::string>;
  EXPECT_EQ(env.paths(folder + "/*.server"), (list{folder + "/.c.server", folder + "/a.server", folder + "/b.server"}));
  EXPECT_EQ(env.paths(folder + "/?"), (list{folder + "/d"}));
  EXPECT_EQ(env.paths(folder + "/d"), (list{folder + "/d"}));
  EXPECT_EQ(env.paths(folder + "/none"), list{});
  EXPECT_EQ(env.paths(folder + "/none/*"), list{});
}

TEST_F(environment_of_process, reads_files_or_says_why_not) {
  const auto reason = [&](const std::string& path) {
    auto got = env.read(path);
    auto* bad = std::get_if<environment::unreadable>(&got);
    return bad ? bad->reason : "";
  };
  EXPECT_EQ(std::get<std::string>(env.read(folder + "/d")), "d");
  EXPECT_EQ(reason(folder), "is a directory");
  EXPECT_EQ(reason(folder + "/none"), "no such file or directory");
  EXPECT_EQ(reason("/dev/zero"), "is larger than 16777216 octets");
}

TEST_F(environment_of_process, knows_variables_and_interfaces) {
  ::setenv("TROUPE_CONFIG_TEST", "x", 1);
  EXPECT_EQ(env.variable("TROUPE_CONFIG_TEST"), "x");
  ::unsetenv("TROUPE_CONFIG_TEST");
  EXPECT_EQ(env.variable("TROUPE_CONFIG_TEST"), std::nullopt);
  bool loopback = false;
  for (const auto& entry : env.interfaces)
    loopback |= entry.address == "127.0.0.1";
  EXPECT_TRUE(loopback);
}
