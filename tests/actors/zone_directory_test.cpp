// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/zone_directory.hpp"
#include "config/directives/zone_files.hpp"
#include "config/read_whole.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace troupe {
namespace {

class ZoneDirectoryTest : public testing::Test {
public:
  ZoneDirectoryTest() {
    char name[] = "/tmp/troupe-zones-XXXXXX";
    options.directory = ::mkdtemp(name);
  }
  ~ZoneDirectoryTest() override { std::filesystem::remove_all(options.directory); }

  void write(const std::string& name, int serial) const {
    const auto path = options.directory + '/' + name;
    std::filesystem::create_directories(std::filesystem::path{path}.parent_path());
    std::ofstream{path} << "@ 60 SOA ns admin " << serial << " 2 3 4 5\n";
  }
  void spoil(const std::string& name) const { std::ofstream{options.directory + '/' + name} << "a 60 A 192.0.2\n"; }
  void remove(const std::string& name) const { std::filesystem::remove(options.directory + '/' + name); }

  std::shared_ptr<zone_directory> make() {
    std::vector<std::string> warnings;
    config::environment env;
    env.read = config::read_whole;
    options.zones = config::find_zone_files(env, options, warnings);
    return files.get<zone_directory>(zone_directory::identity(options), options, &files);
  }
  /// `a.test. 1, b.test. 2`: apexes and serials.
  static std::string state(const zone_directory& of) {
    std::string out;
    for (const auto& each : of.zones().snapshot()->sources)
      out += (out.empty() ? "" : ", ") + each->apex().to_text() + ' ' + std::to_string(each->serial().value_or(0));
    return out;
  }

  config::auto_options options;
  watched_files files;
};

TEST_F(ZoneDirectoryTest, FollowsWhatComesAndGoes) {
  write("db.a.test", 1);
  const auto zones = make();
  EXPECT_EQ(state(*zones), "a.test. 1");
  const auto first = zones->zones().snapshot();
  zones->look();
  EXPECT_EQ(zones->zones().snapshot(), first) << "nothing new, nothing published";
  write("deeper/db.b.test", 2);
  write("other", 3);
  zones->look();
  EXPECT_EQ(state(*zones), "a.test. 1, b.test. 2");
  EXPECT_EQ(zones->zones().snapshot()->sources[0], first->sources[0]) << "what is known lives on";
  remove("db.a.test");
  zones->look();
  EXPECT_EQ(state(*zones), "b.test. 2");
}

TEST_F(ZoneDirectoryTest, LeavesOutWhatIsBrokenUntilItIsNot) {
  const auto zones = make();
  spoil("db.a.test");
  zones->look();
  EXPECT_EQ(state(*zones), "");
  write("db.a.test", 4);
  zones->look();
  EXPECT_EQ(state(*zones), "a.test. 4");
  spoil("db.a.test"); // from now on its own source looks after it
  zones->look();
  EXPECT_EQ(state(*zones), "a.test. 4");
}

TEST_F(ZoneDirectoryTest, AZoneMovesToAnotherFile) {
  write("x/db.a.test", 1);
  const auto zones = make();
  zones->look();
  std::filesystem::create_directories(options.directory + "/y");
  std::filesystem::rename(options.directory + "/x/db.a.test", options.directory + "/y/db.a.test");
  spoil("y/db.a.test");
  zones->look();
  EXPECT_EQ(state(*zones), "a.test. 1") << "broken there: what was known stays";
  write("y/db.a.test", 2);
  zones->look();
  EXPECT_EQ(state(*zones), "a.test. 2");
}

TEST_F(ZoneDirectoryTest, TakesWhatANewerCorefileHasFound) {
  write("db.a.test", 1);
  const auto zones = make();
  write("db.a.test", 2);
  write("db.b.test", 3);
  const auto same = make();
  EXPECT_EQ(same, zones);
  zones->offer(options.zones);
  EXPECT_EQ(state(*zones), "a.test. 2, b.test. 3");
}

} // namespace
} // namespace troupe
