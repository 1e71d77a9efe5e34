// SPDX-License-Identifier: Apache-2.0
#include "actors/http/actors_page.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(json_string, is_always_a_json_string) {
  struct {
    std::string text;
    std::string json;
  } cases[] = {
    {"", R"("")"},
    {"zone/beta/0", R"("zone/beta/0")"},
    {R"(a"b\c)", R"("a\"b\\c")"},
    {"a\nb\tc", R"("a\nb\u0009c")"},
    {std::string("\0\x1f\x7f", 3), "\"\\u0000\\u001f\x7f\""},
    {"grün €", "\"grün €\""},
    {"\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\""},
    {"a\xffz", "\"a\xEF\xBF\xBDz\""},
    {"\xC3", "\"\xEF\xBF\xBD\""},                                                 // cut off
    {"\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                                 // overlong
    {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},                 // surrogate
    {"\xF5\x80\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}, // above U+10FFFF
  };
  for (auto& c : cases)
    EXPECT_EQ(json_string(c.text), c.json);
}

TEST(actors_page, is_as_the_documentation_has_it) {
  actor_info server{"zone/beta/0", "zone-server", "zone/beta", 0, "running", 9, 7, 1234, 0, 3, 0, std::nullopt};
  actor_info keeper{"zone/beta", "zone", "namespaces", std::nullopt, "restarting", 1, 0, 5, 2, 2, 1, "said \"no\""};
  actor_info watcher{
    "services-watcher", "services-watcher", "supervisor", 0, "running", 1, 0, 5, 0, 1, 0, {}, "synced"};
  EXPECT_EQ(actors_json({}), "{\"actors\":[]}\n");
  EXPECT_TRUE(actors_json({watcher}).ends_with(R"("last_failure":null,"detail":"synced"}]})"
                                               "\n"));
  EXPECT_EQ(
    actors_json({server, keeper}),
    R"({"actors":[{"name":"zone/beta/0","kind":"zone-server","parent":"zone/beta","loop":0,"state":"running","messages":9,)"
    R"("queries":7,"processing_ns":1234,"mailbox":{"now":0,"peak":3},"restarts":0,"last_failure":null},)"
    R"({"name":"zone/beta","kind":"zone","parent":"namespaces","loop":null,"state":"restarting","messages":1,)"
    R"("queries":0,"processing_ns":5,"mailbox":{"now":2,"peak":2},"restarts":1,"last_failure":"said \"no\""}]})"
    "\n");
}

TEST(actors_page, the_table_escapes_what_it_shows) {
  actor_info a{"<b>&\"", "zone", "", std::nullopt, "running", 0, 0, 0, 0, 0, 0, "<script>"};
  const auto html = actors_html({a});
  EXPECT_NE(html.find("&lt;b&gt;&amp;&quot;"), std::string::npos);
  EXPECT_EQ(html.find("<script>"), std::string::npos);
}

TEST(actors_page, routes_collect_anew_each_time) {
  int calls = 0;
  auto routes = actors_routes([&] {
    ++calls;
    return std::vector<actor_info>{};
  });
  EXPECT_EQ(routes.at("/actors")().content_type, "application/json");
  EXPECT_EQ(routes.at("/")().content_type, "text/html; charset=utf-8");
  EXPECT_EQ(calls, 2);
}
