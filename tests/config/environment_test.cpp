// SPDX-License-Identifier: Apache-2.0
#include "config/environment.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

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

TEST_F(environment_of_process, reads_pipes_to_their_end_and_waits_for_none_that_has_no) {
  const std::string pipe = folder + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto began = std::chrono::steady_clock::now();
  auto got = env.read(pipe); // nobody writes to it
  EXPECT_EQ(std::get<environment::unreadable>(got).reason, "does not end within 2 s");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{20});

  std::thread writer{[&] { std::ofstream{pipe} << "a Corefile"; }};
  EXPECT_EQ(std::get<std::string>(env.read(pipe)), "a Corefile");
  writer.join();

  ASSERT_EQ(::symlink("d", (folder + "/link").c_str()), 0); // as in the folder of a ConfigMap
  EXPECT_EQ(std::get<std::string>(env.read(folder + "/link")), "d");
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
