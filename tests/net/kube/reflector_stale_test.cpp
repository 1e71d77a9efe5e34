// SPDX-License-Identifier: Apache-2.0
#include "tests/net/kube/reflector_world.hpp"

using namespace troupe::kube;
using namespace troupe::test::by_hand;
using namespace std::chrono_literals;

namespace {

using kind = exchange_error::kind;

/// A world that has listed `names` at version 700 and watches.
struct watching : world {
  explicit watching(const std::vector<std::string>& names = {"a"}) {
    answer(list("700", names));
    begin();
    pass(10min);
  }
};

} // namespace

// Fault A1: nobody listens for ten minutes, then the server is there.
TEST(stale, waits_ten_minutes_for_a_server_and_reads_it_at_once) {
  world w;
  const auto begin = w.clock;
  int tries = 0;
  while (w.clock - begin < 10min) {
    w.fail(kind::refused);
    ASSERT_LE(*w.waiting, 1s); // random() is 0 here; with jitter it is at most twice as long
    w.timer();
    ++tries;
  }
  EXPECT_LE(tries, 750);
  EXPECT_FALSE(w.r.synced());
  EXPECT_EQ(w.lines.size(), 10u); // the same failure is a line a minute
  EXPECT_TRUE(w.lines[9].starts_with(w.lines[0]) && w.lines[9].ends_with(" (for 9 min already)")) << w.lines[9];
  w.answer(list("7", {"a"}));
  EXPECT_TRUE(w.story.ends_with("(+a)*"));
}

// Fault A2: the server dies after the sync and stays away for half an hour. Nothing is taken away meanwhile; then all
// is listed, because what comes back may be older.
TEST(stale, keeps_everything_while_the_server_is_away) {
  watching w;
  w.fail(kind::lost);
  for (int i = 0; i < 1800; ++i) {
    w.timer();
    w.fail(kind::refused);
  }
  EXPECT_TRUE(w.story.starts_with("(+a)*"));
  EXPECT_EQ(w.story.find(')'), w.story.rfind(')'));
  EXPECT_TRUE(w.r.synced());
  w.timer();
  w.audited("800", 2);
  EXPECT_TRUE(w.asks("resourceVersionMatch=NotOlderThan&resourceVersion=700"));
  w.answer(list("800", {"a", "b"}));
  EXPECT_TRUE(w.story.ends_with("(+a+b)"));
}

// Fault A5: half-open connections and silent gaps, each noticed and counted, and all of it read again.
TEST(stale, looks_before_it_goes_on_after_a_silence) {
  const struct {
    kind how;
    stale_sign sign;
    bool at_once;
  } cases[] = {{kind::silent, stale_sign::silent, true},
               {kind::dead, stale_sign::dead, false},
               {kind::deadline, stale_sign::overdue, false}};
  for (auto& c : cases) {
    watching w;
    w.fail(c.how);
    EXPECT_EQ(w.signs(c.sign), 1u);
    EXPECT_EQ(!w.waiting, c.at_once);
    if (w.waiting)
      w.timer();
    w.audited("900", 1);
    EXPECT_TRUE(w.watches()) << w.target();
    EXPECT_TRUE(w.asks("resourceVersion=700"));
    EXPECT_EQ(w.story, "(+a)*");
    EXPECT_EQ(w.r.synced(), true);
  }
}

TEST(stale, says_how_old_its_knowledge_is) {
  watching w;
  const auto listed = w.r.fresh().last_list;
  EXPECT_EQ(w.clock - listed, 10min);
  EXPECT_EQ(w.r.fresh().last_event, listed);
  w.r.on_body(bookmark("701"));
  EXPECT_EQ(w.r.fresh().last_event, w.clock);
  EXPECT_EQ(w.r.fresh().last_list, listed);
  EXPECT_EQ(w.r.objects(), 1u);
  w.r.on_body(event("ADDED", "b", "702"));
  EXPECT_EQ(w.r.objects(), 2u);
}

// Fault A14: etcd was restored from a copy, so versions went back. However the connection ended, the newest state is
// listed: with the old version the server would be silent until it has come that far again.
TEST(stale, lists_the_newest_state_when_versions_went_back) {
  for (auto how : {kind::refused, kind::lost, kind::silent, kind::dead, kind::deadline, kind::closed}) {
    watching w;
    w.fail(how);
    if (w.waiting)
      w.timer();
    w.audited("5", 1);
    EXPECT_EQ(w.signs(stale_sign::version), 1u);
    EXPECT_EQ(w.target(), "/api/v1/services?limit=500&resourceVersion=");
    EXPECT_EQ(w.story, "(+a)*(");
    w.answer(list("5", {"b"}));
    EXPECT_EQ(w.story, "(+a)*(+b)");
    EXPECT_TRUE(w.watches());
    EXPECT_TRUE(w.asks("resourceVersion=5&"));
  }
}

// Fault A14 where nobody audits: the list itself says so, by its status or by its version.
TEST(stale, believes_no_list_that_is_older_than_what_was_seen) {
  watching by_status, by_version;
  for (auto* w : {&by_status, &by_version}) {
    w->r.relist();
    EXPECT_TRUE(w->asks("NotOlderThan&resourceVersion=700"));
  }
  by_status.answer(status(504, "Timeout", "Too large resource version: 700, current: 5"), 504, 1s);
  EXPECT_FALSE(by_status.waiting);
  by_version.answer(list("5", {"b"}));
  EXPECT_EQ(by_version.signs(stale_sign::version), 1u);
  for (auto* w : {&by_status, &by_version}) {
    EXPECT_EQ(w->story.find(')', 5), std::string::npos) << w->story; // nothing is taken away for such a list
    EXPECT_EQ(w->target(), "/api/v1/services?limit=500&resourceVersion=");
    w->answer(list("5", {"b"}));
    EXPECT_TRUE(w->watches());
    EXPECT_TRUE(w->asks("resourceVersion=5&"));
  }
}

TEST(stale, believes_no_stream_that_is_older_than_what_was_seen) {
  world w{api_options{}};
  w.begin();
  w.r.on_body(event("ADDED", "a", "3") + bookmark("700", true));
  w.pass(10min);
  w.r.relist();
  w.begin();
  w.r.on_body(event("ADDED", "b", "3") + bookmark("5", true));
  EXPECT_EQ(w.signs(stale_sign::version), 1u);
  EXPECT_TRUE(w.asks("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=&")) << w.target();
  w.begin();
  w.r.on_body(event("ADDED", "b", "3") + bookmark("5", true));
  EXPECT_TRUE(w.story.ends_with("(+b)")) << w.story;
}

// Fault A12: events twice are passed on, the consumer merges by name; an event older than the one before is not, nor
// what follows it: all is listed again.
TEST(stale, passes_duplicates_on_and_nothing_that_goes_back) {
  const struct {
    const char* name;
    std::string events, story;
    bool in_order;
  } cases[] = {
    {"added twice", event("ADDED", "b", "701") + event("ADDED", "b", "701"), "+b+b", true},
    {"unknown deleted", event("DELETED", "zz", "701"), "-zz", true},
    {"deleted twice", event("DELETED", "a", "701") + event("DELETED", "a", "701"), "-a-a", true},
    {"modified before it was added", event("MODIFIED", "b", "701"), "+b", true},
    {"deleted and made anew", event("DELETED", "a", "701") + event("ADDED", "a", "702"), "-a+a", true},
    {"older than the list", event("ADDED", "b", "699"), "", false},
    {"out of order", event("ADDED", "b", "705") + event("DELETED", "a", "703") + event("ADDED", "c", "706"), "+b",
     false},
    {"of an older life of the name", event("ADDED", "a", "705") + event("DELETED", "a", "704"), "+a", false},
    {"bookmark goes back", event("ADDED", "b", "705") + bookmark("704"), "+b", false},
    {"not comparable", event("ADDED", "b", "x") + event("ADDED", "c", "w"), "+b+c", true},
  };
  for (auto& c : cases) {
    watching w;
    w.r.on_body(c.events);
    EXPECT_EQ(w.story, "(+a)*" + c.story + (c.in_order ? "" : "(")) << c.name;
    EXPECT_EQ(w.signs(stale_sign::version), c.in_order ? 0u : 1u) << c.name;
    EXPECT_EQ(w.asks("?limit=500&resourceVersion="), !c.in_order) << c.name;
  }
}

// A server that contradicts itself all the time is not asked all the time.
TEST(stale, does_not_list_without_end_when_every_watch_goes_back) {
  watching w;
  w.r.on_body(event("ADDED", "b", "5"));
  milliseconds last{0};
  for (int i = 0; i < 10; ++i) {
    w.answer(list("700", {"a"}));
    ASSERT_TRUE(w.watches());
    w.begin();
    w.pass(10s);
    w.r.on_body(event("ADDED", "b", "5"));
    ASSERT_TRUE(w.waiting);
    EXPECT_GE(*w.waiting, last);
    last = *w.waiting;
    w.timer();
  }
  EXPECT_EQ(last, 30s);
}

// An audit says how many objects there are at a version; when the watch has come there, as many must be known.
TEST(stale, compares_numbers_when_the_watch_has_come_as_far) {
  const struct {
    const char* name;
    size_t objects; // the server's, at version 750
    std::string events;
    bool good;
  } cases[] = {
    {"bookmark at it", 1, bookmark("750"), true},
    {"bookmark behind it", 1, bookmark("760"), true},
    {"bookmark before it", 5, bookmark("740"), true}, // nothing is known yet
    {"one too few", 2, bookmark("750"), false},
    {"one too many", 0, bookmark("750"), false},
    {"added before it", 2, event("ADDED", "b", "749") + bookmark("751"), true},
    {"added at it", 2, event("ADDED", "b", "750") + bookmark("751"), true},
    {"added after it", 1, event("ADDED", "b", "751"), true},
    {"added before, changed after it", 2, event("ADDED", "b", "749") + event("MODIFIED", "b", "751"), true},
    {"deleted before it", 0, event("DELETED", "a", "749") + bookmark("751"), true},
    {"deleted after it", 1, event("DELETED", "a", "751"), true},
    {"an event lost", 2, event("MODIFIED", "a", "751"), false},
  };
  for (auto& c : cases) {
    watching w;
    w.end();
    w.audited("750", c.objects);
    ASSERT_TRUE(w.watches()) << w.target();
    w.begin();
    w.r.on_body(c.events);
    EXPECT_EQ(w.signs(stale_sign::count), c.good ? 0u : 1u) << c.name;
    EXPECT_EQ(w.asks("?limit=500&resourceVersion="), !c.good) << c.name << " " << w.target();
  }
}

// Without bookmarks and events: what the audit knew of has arrived when the watch ends minutes later.
TEST(stale, compares_numbers_at_the_end_of_a_quiet_watch) {
  for (size_t objects : {1u, 2u}) {
    watching w;
    w.end();
    w.audited("750", objects);
    w.begin();
    w.pass(5min);
    w.end();
    EXPECT_EQ(w.signs(stale_sign::count), objects - 1);
    EXPECT_EQ(w.audits(), objects == 1);
  }
}

TEST(stale, an_audit_that_says_nothing_stops_nothing) {
  for (std::string body : {"<html>", "{}", R"({"metadata":{"resourceVersion":"750","continue":"x"},"items":[]})"}) {
    watching w;
    w.end();
    ASSERT_TRUE(w.audits());
    w.answer(body);
    EXPECT_TRUE(w.watches()) << body;
    w.begin();
    w.r.on_body(bookmark("760"));
    EXPECT_EQ(w.signs(stale_sign::count), 0u) << body;
  }
  // Etcd is slow, the watch cache is not; a server that has just started does not know its roles yet.
  for (auto [code, body] : {std::pair{504, std::string{"<html>"}}, {403, status(403, "Forbidden")}}) {
    watching w;
    w.end();
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(w.audits()) << code;
      w.answer(body, code);
      w.timer();
    }
    EXPECT_TRUE(w.watches()) << code;
  }
}

// What cannot be used counts as well: the server has it.
TEST(stale, counts_what_it_skips) {
  world w;
  const std::string bad =
    R"({"metadata":{"name":"bad","namespace":"n","resourceVersion":"1"},"spec":{"clusterIP":"999.1.1.1"}})";
  w.answer(troupe::test::typed_list(R"({"metadata":{"resourceVersion":"7"},"items":[)" + bad + "," + item("a") +
                                    R"(,{"metadata":}]})"));
  EXPECT_EQ(w.r.skipped(), 2u);
  EXPECT_EQ(w.r.objects(), 3u);
  w.begin();
  w.pass(10min);
  w.end();
  w.answer(troupe::test::typed_list(
    R"({"metadata":{"resourceVersion":"8","continue":"x","remainingItemCount":2},"items":[)" + bad + "]}"));
  EXPECT_EQ(w.r.skipped(), 2u); // it was counted
  w.begin();
  w.r.on_body(bookmark("9"));
  EXPECT_EQ(w.signs(stale_sign::count), 0u);
}
