// SPDX-License-Identifier: Apache-2.0
#include "tests/net/kube/reflector_world.hpp"

#include <functional>

using namespace troupe::kube;
using namespace troupe::test::by_hand;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

TEST(reflector, lists_in_pages_and_then_watches) {
  world w;
  EXPECT_EQ(w.target(), "/api/v1/services?limit=500&resourceVersion=0");
  w.answer(list("7", {"a", "b"}, "more/1"));
  EXPECT_EQ(w.target(), "/api/v1/services?limit=500&continue=more%2F1");
  EXPECT_EQ(w.story, "("); // few objects wait for more
  w.answer(list("7", {"c"}));
  EXPECT_EQ(w.story, "(+a+b+c)*");
  EXPECT_EQ(w.target(), "/api/v1/services?watch=1&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=300");
  EXPECT_EQ(w.asked.back().idle, 150s);
  EXPECT_EQ(w.asked.back().deadline, 330s);
  w.begin();
  w.r.on_body(event("ADDED", "d", "8") + event("DELETED", "a", "9"));
  w.r.on_body(bookmark("20"));
  EXPECT_EQ(w.story, "(+a+b+c)*+d-a");
  w.pass(300s);
  w.end();
  w.audited("21", 3);
  EXPECT_TRUE(w.asks("resourceVersion=20"));
  EXPECT_FALSE(w.waiting);
  EXPECT_EQ(w.r.relists(), 1u);
}

TEST(reflector, lists_as_a_stream_where_the_server_can) {
  world w{api_options{}};
  EXPECT_TRUE(w.asks("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=&")) << w.target();
  w.begin();
  w.r.on_body(event("ADDED", "a", "3"));
  EXPECT_EQ(w.story, "(");
  w.r.on_body(event("ADDED", "b", "4") + bookmark("9", true) + event("DELETED", "a", "10"));
  EXPECT_EQ(w.story, "(+a+b)*-a");
  w.pass(300s);
  w.end();
  w.audited("11", 1);
  EXPECT_TRUE(w.watches());
  EXPECT_TRUE(w.asks("resourceVersion=10"));
}

// Fault A9: the server does not know streaming lists, or its bookmark never comes.
TEST(reflector, falls_back_to_a_plain_list) {
  for (int code : {400, 422, 404}) {
    world w{api_options{}};
    w.answer(status(code, "Invalid"), code);
    EXPECT_EQ(w.target(), "/api/v1/services?limit=500&resourceVersion=0") << code;
    EXPECT_FALSE(w.waiting);
  }
  for (auto kind : {exchange_error::kind::silent, exchange_error::kind::deadline}) {
    world w{api_options{}};
    w.begin();
    w.r.on_body(event("ADDED", "a", "3"));
    w.fail(kind);
    w.timer();
    EXPECT_TRUE(w.asks("limit=500"));
    EXPECT_EQ(w.story, "((");
  }
  world w{api_options{}};
  w.begin();
  w.r.on_body(event("ADDED", "a", "3"));
  w.end();
  w.timer();
  EXPECT_TRUE(w.asks("limit=500"));
  EXPECT_EQ(w.story, "((");
}

// Fault A6: 410 as a status of the watch, as an event, on a continue token, on the list; other events.
TEST(reflector, lists_again_when_its_version_is_gone) {
  struct {
    const char* name;
    std::function<void(world&)> happen;
    const char* asks;
    bool at_once;
  } cases[] = {
    {"status 410", [](world& w) { w.answer(status(410, "Gone"), 410); },
     "resourceVersionMatch=NotOlderThan&resourceVersion=7", true},
    {"event 410", [](world& w) { w.answer(error_event(410, "Expired")); }, "NotOlderThan&resourceVersion=7", true},
    {"event Expired", [](world& w) { w.answer(error_event(0, "Expired")); }, "NotOlderThan&resourceVersion=7", true},
    {"event 500", [](world& w) { w.answer(error_event(500, "InternalError")); }, "NotOlderThan&resourceVersion=7",
     false},
    {"event 429", [](world& w) { w.answer(error_event(429, "TooManyRequests")); }, "watch=1", false},
    {"not JSON", [](world& w) { w.answer("}"); }, "NotOlderThan&resourceVersion=7", false},
    {"unreadable event", [](world& w) { w.answer("{\"type\":}\n"); }, "NotOlderThan&resourceVersion=7", false},
    {"refused", [](world& w) { w.fail(exchange_error::kind::refused); }, "NotOlderThan&resourceVersion=7", false},
    {"closed", [](world& w) { w.fail(exchange_error::kind::closed); }, "watch=1", true},
    {"dead", [](world& w) { w.begin(), w.fail(exchange_error::kind::dead); }, "watch=1", false},
    {"reset", [](world& w) { w.fail(exchange_error::kind::lost); }, "watch=1", false},
    {"silent", [](world& w) { w.begin(), w.fail(exchange_error::kind::silent); }, "watch=1", true},
    {"silent before the head", [](world& w) { w.fail(exchange_error::kind::silent); }, "watch=1", false},
    {"renewed", [](world& w) { w.fail(exchange_error::kind::renewed); }, "watch=1", true},
    {"503", [](world& w) { w.answer("<html>", 503); }, "watch=1", false},
  };
  for (auto& c : cases) {
    world w;
    w.answer(list("7", {"a"}));
    ASSERT_TRUE(w.watches());
    w.pass(10s);
    const auto story = w.story;
    c.happen(w);
    EXPECT_EQ(!w.waiting, c.at_once) << c.name;
    if (w.waiting)
      w.timer();
    if (w.audits()) // what comes back after a broken connection may be another server
      w.audited("9", 1);
    EXPECT_TRUE(w.asks(c.asks)) << c.name << " " << w.target();
    EXPECT_TRUE(w.r.synced());
    EXPECT_TRUE(w.story == story || w.story == story + "(") << c.name; // the old data stays
  }
}

TEST(reflector, restarts_a_list_whose_continue_token_expired_without_pages) {
  world w;
  w.answer(list("7", {"a"}, "more"));
  w.answer(status(410, "Expired"), 410);
  EXPECT_EQ(w.target(), "/api/v1/services?resourceVersion=");
  w.answer(list("9", {"a", "b"}));
  EXPECT_EQ(w.story, "((+a+b)*");
  EXPECT_TRUE(w.watches());
}

// Fault A8: the second page of a list is cut. A new list begins; the old one never ended.
TEST(reflector, never_ends_a_list_that_is_not_whole) {
  for (int page = 0; page < 3; ++page) {
    world w;
    for (int i = 0; i < page; ++i)
      w.answer(list("7", {"p" + std::to_string(i)}, "more"));
    w.begin();
    w.r.on_body(list("7", {"x"}).substr(0, 60));
    w.fail(exchange_error::kind::lost);
    EXPECT_EQ(w.story.find(')'), std::string::npos);
    w.timer();
    EXPECT_TRUE(w.asks("limit=500&resourceVersion=0"));
    w.answer(list("7", {"a"}));
    EXPECT_TRUE(w.story.ends_with("(+a)*")) << w.story;
  }
  world w;
  w.answer(list("7", {"a"}).substr(0, 80)); // ends well as HTTP, is no list
  EXPECT_TRUE(w.waiting);
  w.timer();
  w.answer(list("7", {"a"}, "more"));
  w.answer(list("7", {"a"}, "more")); // the same page for ever
  EXPECT_TRUE(w.waiting);
  EXPECT_EQ(w.story.find(')'), std::string::npos);
}

// Fault A7.
TEST(reflector, comes_back_when_it_is_told_to) {
  struct {
    int status;
    milliseconds retry_after, want;
  } cases[] = {{429, 7s, 7s},     {503, 7s, 7s},    {503, 0s, 800ms}, {504, 0s, 800ms},
               {500, 3600s, 60s}, {403, 7s, 800ms}, {429, 0s, 800ms}};
  for (auto& c : cases) {
    world w;
    w.answer("<html><body>Gateway</body></html>", c.status, c.retry_after);
    EXPECT_EQ(w.waiting, c.want) << c.status;
    w.timer();
    EXPECT_TRUE(w.asks("resourceVersion=0"));
  }
}

TEST(reflector, says_which_rule_is_missing) {
  world w;
  w.answer(status(403, "Forbidden", "services is forbidden"), 403);
  ASSERT_EQ(w.lines.size(), 1u);
  EXPECT_EQ(
    w.lines[0],
    "cannot list services: HTTP 403: 'services is forbidden'; the ClusterRole needs the rule {apiGroups: [\"\"], "
    "resources: [\"services\"], verbs: [\"list\", \"watch\"]}");
  w.timer();
  w.answer(status(403, "Forbidden", "services is forbidden"), 403);
  EXPECT_EQ(w.lines.size(), 1u); // once
}

// Who looks an hour after the rights went finds the cause among the last lines, and not much else.
TEST(reflector, says_again_what_it_is_refused_after_the_first_list) {
  world w;
  w.answer(list("7", {"a"}));
  w.begin();
  w.pass(5min);
  w.end(); // as watches end
  const auto begin = w.clock;
  int tries = 0;
  for (; w.clock - begin < 1h; ++tries) {
    w.answer(status(403, "Forbidden", "services is forbidden"), 403);
    w.timer();
  }
  EXPECT_TRUE(w.r.synced());
  EXPECT_GT(tries, 100);
  EXPECT_GE(w.lines.size(), 58u);
  EXPECT_LE(w.lines.size(), 62u);
  EXPECT_EQ(w.lines.back(),
            "cannot watch services: HTTP 403: 'services is forbidden'; the ClusterRole needs the rule {apiGroups: "
            "[\"\"], resources: [\"services\"], verbs: [\"list\", \"watch\"]} (for 59 min already)");
  w.begin(); // the rights are back
  EXPECT_EQ(w.lines.back(), "services are read again");
}

// Fault A3: the same request again with a new token, at once; with the old one after a while.
TEST(reflector, tries_a_new_token_at_once) {
  world w;
  w.new_token = true;
  w.answer(status(401, "Unauthorized"), 401);
  EXPECT_EQ(w.asked.size(), 2u);
  w.answer(status(401, "Unauthorized"), 401);
  EXPECT_EQ(w.asked.size(), 2u);
  EXPECT_TRUE(w.waiting);
}

// A restart of the API server breaks watches; waits that doubled with each of them would be seen in answers.
TEST(reflector, comes_back_soon_to_a_server_that_broke_off) {
  world w;
  w.answer(list("7", {"a"}));
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(w.watches()) << i;
    w.begin();
    w.pass(10s);
    w.fail(exchange_error::kind::lost);
    ASSERT_TRUE(w.waiting) << i;
    EXPECT_LE(*w.waiting, 2s) << i;
    w.timer();
    if (w.audits())
      w.audited("7", 1);
  }
}

// Fault A13: each attempt waits longer.
TEST(reflector, does_not_hammer_a_server_that_closes_at_once) {
  world w;
  w.answer(list("7", {"a"}));
  milliseconds last{0}, all{0};
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(w.watches());
    w.begin();
    w.pass(1ms);
    w.end();
    ASSERT_TRUE(w.waiting);
    EXPECT_GE(*w.waiting, last);
    last = *w.waiting;
    all += last;
    w.timer();
  }
  EXPECT_EQ(last, 30s);
  EXPECT_GT(all, 29'000s);
  EXPECT_EQ(w.story, "(+a)*");
}

TEST(reflector, does_not_list_without_end_when_every_watch_is_gone_at_once) {
  world w;
  for (int i = 0; i < 10; ++i) {
    w.answer(list("7", {"a"}));
    w.answer(status(410, "Gone"), 410);
    ASSERT_TRUE(w.waiting);
    w.timer();
  }
}

TEST(reflector, lists_from_time_to_time_against_lost_events) {
  world w;
  w.answer(list("7", {"a"}));
  for (int i = 0; i < 6; ++i) {
    if (w.audits())
      w.audited("8", 1);
    ASSERT_TRUE(w.watches()) << w.target();
    w.begin();
    w.r.on_body(bookmark("8"));
    w.pass(300s);
    w.end();
  }
  EXPECT_TRUE(w.asks("resourceVersionMatch=NotOlderThan&resourceVersion=8"));
  EXPECT_EQ(w.r.relists(), 2u);
  EXPECT_EQ(w.r.audits(), 5u);
}

TEST(reflector, emits_no_more_than_was_granted) {
  world w{world::plain(), 0};
  EXPECT_TRUE(w.asked.empty());
  EXPECT_EQ(w.story, "");
  w.r.grant(1);
  EXPECT_EQ(w.story, "(");
  ASSERT_EQ(w.asked.size(), 1u);
  w.begin();
  EXPECT_TRUE(w.r.on_body(list("7", {"a"})));
  w.end();
  EXPECT_EQ(w.story, "(");
  w.r.grant(1);
  EXPECT_EQ(w.story, "(+a");
  EXPECT_FALSE(w.r.synced());
  EXPECT_EQ(w.asked.size(), 1u); // the watch waits for the end of the list to be on its way
  w.r.grant(1);
  EXPECT_EQ(w.story, "(+a)*");
  ASSERT_TRUE(w.watches());
  w.begin();
  EXPECT_FALSE(w.r.on_body(event("ADDED", "b", "8"))); // reading pauses
  EXPECT_EQ(w.story, "(+a)*");
  w.r.grant(1);
  EXPECT_EQ(w.story, "(+a)*+b");
  EXPECT_EQ(w.resumes, 1);
}

TEST(reflector, cuts_big_lists_into_chunks) {
  std::vector<std::string> names;
  for (int i = 0; i < 231; ++i)
    names.push_back("s" + std::to_string(i));
  world w{world::plain(), 1};
  w.begin();
  w.r.on_body(list("7", names));
  EXPECT_EQ(w.story, "(");
  for (long want : {100, 200, 231}) {
    w.r.grant(1);
    EXPECT_EQ(std::count(w.story.begin(), w.story.end(), '+'), want);
  }
}

TEST(reflector, lists_from_scratch_on_request) {
  world w;
  w.answer(list("7", {"a"}));
  w.begin();
  w.r.relist();
  EXPECT_EQ(w.aborts, 1);
  EXPECT_TRUE(w.asks("NotOlderThan&resourceVersion=7"));
  EXPECT_EQ(w.story, "(+a)*(");
}

TEST(reflector, asks_for_what_the_selectors_say) {
  auto options = world::plain();
  options.labels = "app in (a,b)";
  world w{options};
  EXPECT_TRUE(w.asks("&labelSelector=app%20in%20%28a%2Cb%29"));
}

TEST(reflector, asks_for_each_kind_with_its_selector) {
  const auto living =
    "&fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed%2Cstatus.phase%21%3DUnknown";
  const struct {
    resource which;
    bool endpoints;
    std::string path, selector;
  } cases[] = {
    {resource::service, true, "/api/v1/services", "&labelSelector=a%3Db"},
    {resource::endpoint_slice, true, "/apis/discovery.k8s.io/v1/endpointslices", "&labelSelector=a%3Db"},
    {resource::endpoint_slice, false, "/apis/discovery.k8s.io/v1/endpointslices",
     "&labelSelector=a%3Db%2Cmulticluster.kubernetes.io%2Fservice-name"},
    {resource::namespace_object, true, "/api/v1/namespaces", "&labelSelector=c%3Dd"},
    {resource::pod, true, "/api/v1/pods", std::string{"&labelSelector=a%3Db"} + living},
    {resource::service_import, true, "/apis/multicluster.x-k8s.io/v1alpha1/serviceimports", ""},
  };
  for (auto& c : cases) {
    auto options = world::plain();
    options.labels = "a=b";
    options.namespace_labels = "c=d";
    options.keep.endpoints = c.endpoints;
    world w{options, 10, c.which};
    EXPECT_EQ(w.target(), c.path + "?limit=500&resourceVersion=0" + c.selector);
  }
}
