// SPDX-License-Identifier: Apache-2.0
#include "config/directives/auto.hpp"
#include "tests/config/support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace troupe;
using namespace troupe::config;

namespace {

/// A directory with files, gone with its owner; what is read is read from there.
class zone_directory {
public:
  explicit zone_directory(const std::map<std::string, std::string>& files) {
    char name[] = "/tmp/troupe-auto-XXXXXX";
    path = ::mkdtemp(name);
    for (const auto& [file, text] : files) {
      std::filesystem::create_directories(std::filesystem::path{path + '/' + file}.parent_path());
      std::ofstream{path + '/' + file} << text;
    }
    around.files = files;
    for (const auto& [file, text] : files)
      around.files[path + '/' + file] = text;
  }
  zone_directory(const zone_directory&) = delete;
  zone_directory& operator=(const zone_directory&) = delete;
  ~zone_directory() { std::filesystem::remove_all(path); }

  std::string path;
  test::machine around;
};

constexpr const char* any_zone = "@ 60 SOA ns admin 1 2 3 4 5\n@ NS ns\n";

} // namespace

TEST(auto_zones, finds_files_as_coredns_does) {
  const zone_directory zones{{{"db.b.test", any_zone},
                              {"db.a.test", any_zone},
                              {"a/db.c.test", any_zone},
                              {"z/db.a.test", any_zone},
                              {"x.example.zone", any_zone},
                              {"db.broken.test", "www 60 A 1\n"},
                              {"readme", "nothing"}}};
  const struct {
    std::string words, zones;
    size_t warnings;
  } cases[] = {
    {"", "c.test. a.test. b.test. ", 2},
    {"(.*)[.]([a-z]+)[.]zone {2}.{1}.test", "example.x.test. ", 0},
    {"db[.](?P<name>[ab])[.]test {name}.{1}.", "a.a. b.b. ", 1},
    {"db[.]([ab])[.]test {7}x$$y", "x$y. ", 2},
  };
  for (const auto& c : cases) {
    auto result = test::planned(".:53 {\nauto {\ndirectory " + zones.path + ' ' + c.words + "\n}\n}\n", zones.around);
    ASSERT_TRUE(result.plan) << c.words << ": " << (result.error ? result.error->text() : "");
    std::string found;
    for (const auto& zone : result.plan->blocks.at(0).own<auto_options>("auto").zones)
      found += zone.apex.to_text() + ' ';
    EXPECT_EQ(found, c.zones) << c.words;
    EXPECT_EQ(result.plan->warnings.size(), c.warnings) << c.words;
  }
}

TEST(auto_zones, refuses_with_the_words_of_coredns) {
  const struct {
    const char *lines, *expected;
  } cases[] = {
    {"directory", "3 - Error during parsing: Wrong argument count or unexpected line ending after 'directory'"},
    {"directory /tmp db.*", "3 - Error during parsing: Need at least one sub expression"},
    {"directory /tmp db(.*)",
     "3 - Error during parsing: Wrong argument count or unexpected line ending after 'db(.*)'"},
    {"reload", "3 - Error during parsing: reload duration value is expected"},
    {"reload -5s", "3 - Error during parsing: plugin/file: invalid duration"},
    {"directori /tmp", "3 - Error during parsing: unknown property 'directori'"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(test::error_of(std::string{".:53 {\nauto {\n"} + c.lines + "\n}\n}\n"),
              std::string{"plugin/auto: Corefile:"} + c.expected)
      << c.lines;
}
