// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/cluster_groups.hpp"
#include "actors/server/corefile_reader.hpp"
#include "actors/server/reloader.hpp"
#include "tests/support/actor_serving.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::serving_fixture;

// -- when the Corefile is looked at
// -------------------------------------------------------------------------------------------------

class noting_worker final : public reload_worker {
public:
  void ask(wish what) override { wishes.push_back(what); }
  std::optional<config::reload_options> options() const override { return said; }

  std::vector<wish> wishes;
  std::optional<config::reload_options> said = config::reload_options{30s, 15s};
};

class ReloaderTest : public test::actor_fixture {
public:
  using enum reload_worker::wish;
  using wishes = std::vector<reload_worker::wish>;

  ReloaderTest() {
    supervise({line<reloader>({"reload", "reload", "supervisor", {}}, std::ref(static_cast<reload_worker&>(worker)))});
    run();
  }
  ~ReloaderTest() override { end(); }

  wishes news() { return std::exchange(worker.wishes, {}); }
  reloader_actor actor() const { return shared.where.find<reloader_actor>("reload"); }

  noting_worker worker;
};

TEST_F(ReloaderTest, LooksEveryIntervalGiveOrTakeHalfTheJitter) {
  for (int i = 0; i < 20; ++i) {
    pass(22'499ms);
    EXPECT_EQ(news(), wishes{}) << i;
    pass(15'002ms);
    EXPECT_EQ(news(), wishes{look}) << i;
    // The next interval began somewhere in the last 15 s: a new timer makes the next round exact.
    tell(actor(), altered_options_atom::value);
    run();
  }
}

TEST_F(ReloaderTest, FollowsTheOptionsOfTheCorefileInUse) {
  worker.said.reset();
  tell(actor(), altered_options_atom::value);
  run();
  pass(1h);
  EXPECT_EQ(news(), wishes{}) << "nobody asked for looks, and the old timer does not count";
  worker.said = config::reload_options{2s, 0s};
  tell(actor(), altered_options_atom::value);
  run();
  pass(2s);
  EXPECT_EQ(news(), wishes{look});
}

TEST_F(ReloaderTest, GoesOnAfterARestart) {
  worker.said = config::reload_options{2s, 0s};
  kill("reload");
  run();
  pass(2s);
  EXPECT_EQ(news(), wishes{look});
  EXPECT_EQ(restarts("reload"), 1u);
}

// -- what a Corefile is
// -------------------------------------------------------------------------------------------------

class CorefileReaderTest : public ::testing::Test {
public:
  CorefileReaderTest() {
    std::filesystem::create_directories(folder);
    write("Corefile", ".:1053 {\n  import more.conf\n}\n");
    write("more.conf", "errors\n");
  }
  ~CorefileReaderTest() override { std::filesystem::remove_all(folder); }

  void write(const std::string& name, const std::string& text) { std::ofstream{folder / name} << text; }
  corefile_reading read() { return corefile_reader{flags()}.read(); }

  config::command_line flags() const {
    config::command_line out;
    out.conf = folder / "Corefile";
    return out;
  }

  const std::filesystem::path folder =
    std::filesystem::temp_directory_path() / ("troupe-reload-" + std::to_string(::getpid()));
};

TEST_F(CorefileReaderTest, ChangesWithWhatIsImported) {
  const auto first = read();
  ASSERT_TRUE(first.plan) << first.error;
  EXPECT_EQ(first.digest.size(), 128u);
  EXPECT_EQ(read().digest, first.digest);
  write("more.conf", "errors\nloadbalance\n");
  const auto second = read();
  ASSERT_TRUE(second.plan) << second.error;
  EXPECT_NE(second.digest, first.digest);
  EXPECT_TRUE(second.plan->blocks[0].loadbalance);
}

TEST_F(CorefileReaderTest, SaysWhatIsWrongAndWhere) {
  const struct {
    const char *corefile, *error;
    bool has_digest;
  } cases[] = {
    {".:1053 {\n  errors\n", "Corefile:", false},
    {".:1053 {\n  nonsense\n}\n", "Corefile:2 - Error during parsing: Unknown directive 'nonsense'", false},
    {".:1053 {\n  kubernetes {\n    ttl x\n  }\n}\n", "Corefile:3 - Error during parsing", true},
  };
  for (auto& c : cases) {
    write("Corefile", c.corefile);
    const auto bad = read();
    EXPECT_EQ(bad.plan, nullptr) << c.corefile;
    EXPECT_NE(bad.error.find(c.error), std::string::npos) << bad.error;
    EXPECT_EQ(bad.digest.size(), c.has_digest ? 128u : 0u) << c.corefile;
  }
  std::filesystem::remove(folder / "Corefile");
  EXPECT_NE(read().error.find("no such file"), std::string::npos) << read().error;
}

// -- which clusters live on
// -------------------------------------------------------------------------------------------------

class SourcesTest : public ::testing::Test {
public:
  /// The sources of a Corefile with a block for each of `stanzas`, given those that run.
  cluster_groups make(const std::vector<std::string>& stanzas) {
    std::string corefile;
    for (size_t i = 0; i < stanzas.size(); ++i)
      corefile += "z" + std::to_string(i) + ".local:1053 {\n  kubernetes {\n    " + stanzas[i] + "\n  }\n}\n";
    auto made = config::make_plan("Corefile", corefile, test::nothing_around());
    EXPECT_TRUE(made.plan) << made.error->text();
    auto out = cluster_groups::make(*made.plan, living, shared, metered.server, 2);
    EXPECT_TRUE(std::holds_alternative<cluster_groups>(out)) << std::get<std::string>(out);
    living.insert(living.end(), std::get<cluster_groups>(out).fresh.begin(), std::get<cluster_groups>(out).fresh.end());
    return std::get<cluster_groups>(out);
  }

  actor_context shared;
  meters metered{2};
  std::vector<cluster_group_ptr> living;
  const std::string here = "endpoint http://127.0.0.1:1", there = "endpoint http://127.0.0.1:2";
};

TEST_F(SourcesTest, TheSameSourceLivesOn) {
  const auto first = make({here, here});
  ASSERT_EQ(first.all.size(), 1u);
  EXPECT_EQ(first.fresh, first.all);
  EXPECT_EQ(first.all[0]->on_loop.size(), 2u);
  for (auto& same : {here + "\n    ttl 30", here + "\n    namespaces x", here + "\n    fallthrough"}) {
    const auto next = make({same});
    EXPECT_EQ(next.all, first.all) << same;
    EXPECT_TRUE(next.fresh.empty()) << same;
  }
}

TEST_F(SourcesTest, AnotherSourceGetsANameOfItsOwn) {
  make({here});
  const auto next = make({here, there});
  ASSERT_EQ(next.fresh.size(), 1u);
  EXPECT_EQ(next.fresh[0]->tables.prefix, "2/");
  living.erase(living.begin()); // the first is gone, so its name is free
  EXPECT_EQ(make({here}).fresh[0]->tables.prefix, "");
}

TEST_F(SourcesTest, WhatKeepsTooLittleIsReplaced) {
  const auto first = make({here + "\n    noendpoints"});
  const auto more = make({here});
  EXPECT_EQ(more.fresh.size(), 1u) << "EndpointSlices were not watched";
  const auto names = make({here + "\n    endpoint_pod_names"});
  EXPECT_EQ(names.fresh.size(), 1u) << "names of pods were not kept";
  EXPECT_EQ(make({here}).all, more.all);
  EXPECT_EQ(make({here + "\n    noendpoints"}).all, first.all) << "more than is needed would do as well";
}

// -- the switch
// -------------------------------------------------------------------------------------------------

class SwitchTest : public serving_fixture {
public:
  ~SwitchTest() override { end(); }

  static std::string corefile(const std::string& zones) {
    return zones + " {\n  kubernetes {\n    endpoint http://127.0.0.1:1\n  }\n}\n";
  }

  serving_plan_ptr plan_for(const std::string& zones) {
    auto made = config::make_plan("Corefile", corefile(zones), test::nothing_around());
    EXPECT_TRUE(made.plan) << made.error->text();
    return make_serving_plan(made.plan, made.plan->listeners.front(), resources);
  }
};

TEST_F(SwitchTest, ABatchKeepsThePlanItBeganWithAndTheLastOneLetsItGo) {
  says_two_namespaces();
  serve(corefile("cluster.local"));
  const uint16_t before = endpoint.ask({"a.red.svc.cluster.local", "b.blue.svc.cluster.local"});
  serving_plan_ptr old = std::exchange(plan, plan_for("other.local"));
  const uint16_t after = endpoint.ask({"a.red.svc.cluster.local", "a.red.svc.other.local"});
  EXPECT_GT(old.use_count(), 1);
  run();
  EXPECT_EQ(only_answer(before), dns::rcode::noerror);
  EXPECT_EQ(only_answer(static_cast<uint16_t>(before + 1)), dns::rcode::noerror);
  EXPECT_EQ(only_answer(after), dns::rcode::refused);
  EXPECT_EQ(only_answer(static_cast<uint16_t>(after + 1)), dns::rcode::noerror);
  EXPECT_EQ(old.use_count(), 1);
}

} // namespace
} // namespace troupe
