// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/zone_source.hpp"
#include "config/directives/zone_file.hpp"
#include "config/read_whole.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace troupe {
namespace {

class ZoneSourceTest : public testing::Test {
public:
  ZoneSourceTest() {
    char name[] = "/tmp/troupe-zone-XXXXXX";
    folder = ::mkdtemp(name);
  }
  ~ZoneSourceTest() override { std::filesystem::remove_all(folder); }

  /// As an editor does: another file takes the name.
  void write(const std::string& name, const std::string& text) {
    std::ofstream{folder + "/new"} << text;
    std::filesystem::rename(folder + "/new", folder + '/' + name);
  }
  static std::string zone_text(int serial, const std::string& more) {
    return "@ 60 SOA ns admin " + std::to_string(serial) + " 2 3 4 5\n" + more;
  }
  config::file_options::zone options(bool by_mtime = false) const {
    config::file_options::zone out;
    out.apex = *dns::name::from_text("example.org.");
    out.path = folder + "/db";
    out.by_mtime = by_mtime;
    config::environment files;
    files.read = config::read_whole;
    const auto content = config::read_zone_file(files, out.path);
    if (const auto* text = std::get_if<0>(&content))
      out.table = std::get<master::zone_table_ptr>(config::load_zone(files, *text, out.path, out.apex));
    return out;
  }
  /// `SERIAL RECORDS`
  static std::string state(const zone_source& source) {
    const auto table = source.table().snapshot();
    return table ? std::to_string(table->serial()) + ' ' + std::to_string(table->records()) : "none";
  }

  std::string folder;
};

TEST_F(ZoneSourceTest, TakesAnotherSerial) {
  write("db", zone_text(1, "a 60 A 192.0.2.1\n"));
  zone_source source{options()};
  source.look();
  EXPECT_EQ(state(source), "1 2");
  write("db", zone_text(1, "a 60 A 192.0.2.1\nb 60 A 192.0.2.1\n"));
  source.look();
  EXPECT_EQ(state(source), "1 2"); // the same serial is the same zone
  write("db", zone_text(2, "a 60 A 192.0.2.1\nb 60 A 192.0.2.1\n"));
  source.look();
  EXPECT_EQ(state(source), "2 3");
  write("db", zone_text(1, ""));
  source.look();
  EXPECT_EQ(state(source), "1 1"); // any other one counts, as in CoreDNS
}

TEST_F(ZoneSourceTest, KeepsWhatItHasWhileTheFileIsBrokenOrAway) {
  write("db", zone_text(1, "a 60 A 192.0.2.1\n"));
  zone_source source{options()};
  source.look();
  write("db", zone_text(2, "a 60 A 192.0.2\n"));
  source.look();
  EXPECT_EQ(state(source), "1 2");
  std::filesystem::remove(folder + "/db");
  source.look();
  EXPECT_EQ(state(source), "1 2");
  write("db", zone_text(3, ""));
  source.look();
  EXPECT_EQ(state(source), "3 1");
}

TEST_F(ZoneSourceTest, FindsAFileThatComesLater) {
  zone_source source{options()};
  source.look();
  EXPECT_EQ(state(source), "none");
  source.look();
  EXPECT_EQ(state(source), "none");
  write("db", zone_text(1, ""));
  source.look();
  EXPECT_EQ(state(source), "1 1");
}

TEST_F(ZoneSourceTest, SeesIncludedFilesAndGoesByTime) {
  write("more", "a 60 A 192.0.2.1\n");
  write("db", zone_text(1, "$INCLUDE more\n"));
  zone_source source{options(true)};
  source.look();
  source.look();
  EXPECT_EQ(state(source), "1 2");
  write("more", "a 60 A 192.0.2.1\nb 60 A 192.0.2.1\n");
  source.look();
  EXPECT_EQ(state(source), "1 3");
  const auto table = source.table().snapshot();
  source.look();
  EXPECT_EQ(source.table().snapshot(), table);
}

TEST_F(ZoneSourceTest, TakesWhatANewerCorefileHasRead) {
  write("db", zone_text(1, ""));
  zone_source source{options()};
  source.look();
  write("db", zone_text(2, "a 60 A 192.0.2.1\n"));
  source.offer(options().table);
  EXPECT_EQ(state(source), "2 2");
  source.offer(nullptr);
  EXPECT_EQ(state(source), "2 2");
}

} // namespace
} // namespace troupe
