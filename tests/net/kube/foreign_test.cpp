// SPDX-License-Identifier: Apache-2.0
#include "tests/net/kube/client_script.hpp"
#include "tests/net/kube/protobuf_objects.hpp"
#include "tests/net/kube/reflector_world.hpp"

using namespace troupe::kube;
using namespace troupe::test::by_hand;
using troupe::kube::test::enveloped;
using troupe::kube::test::event_of;
using troupe::kube::test::field;
using troupe::kube::test::octets_of;

namespace {

constexpr auto protobuf_type = "application/vnd.kubernetes.protobuf";

/// A list of one service with these first members, or events of such objects.
std::string list_with(const std::string& members) {
  return "{" + members + R"("metadata":{"resourceVersion":"9"},"items":[)" + item("b") + "]}";
}

std::string event_with(const std::string& members) {
  return R"({"type":"ADDED","object":{)" + members + item("b", "9").substr(1) + "}\n";
}

std::string listed_octets(const type_name& type) {
  wire::ListMeta meta;
  meta.set_resource_version("9");
  return enveloped(type, field(1, meta.SerializeAsString()) + field(2, octets_of(resource::service, item("b"))));
}

/// A world that knows service `a` and watches.
struct informed : world {
  informed() {
    answer(list("7", {"a"}));
    begin();
    story.clear();
  }
  void expect_refused(const std::string& said, const std::string& what) {
    EXPECT_EQ(story, "") << what;
    EXPECT_EQ(signs(stale_sign::unreadable), 1u) << what;
    EXPECT_NE(r.last_error().find(said), std::string::npos) << what << r.last_error();
    EXPECT_TRUE(waiting) << what; // it is asked again, later
  }
};

} // namespace

// What a list says of itself decides, wherever a server writes it.
TEST(foreign, lists_of_another_kind_change_nothing) {
  const std::string items = R"(,"items":[)" + item("b") + "]";
  const struct {
    std::string body, said;
  } cases[] = {
    {R"({"kind":"Status","apiVersion":"v1","metadata":{"resourceVersion":"9"},"status":"Success"})",
     "'Status' of 'v1'"},
    {R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[]})", "'PodList' of 'v1'"},
    {list_with(R"("kind":"PodList","apiVersion":"v1",)"), "'PodList' of 'v1' instead of 'ServiceList' of 'v1'"},
    {list_with(R"("kind":"ServiceList","apiVersion":"v2",)"), "'ServiceList' of 'v2'"},
    {list_with(R"("kind":"ServiceList",)"), "'ServiceList' of ''"},
    {list_with(R"("kind":"Service","apiVersion":"v1",)"), "'Service' of 'v1'"},
    {list_with(R"("kind":["ServiceList"],"apiVersion":"v1",)"), "without a kind"},
    {list_with(""), "without a kind"},
    {R"({"metadata":{"resourceVersion":"9"}})", "without a kind"},
    {R"({"metadata":{"resourceVersion":"9"})" + items + R"(,"kind":"ServiceList","apiVersion":"v1"})",
     "without a kind"},
    {R"({"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[],"kind":"PodList"})",
     "'PodList' of 'v1'"},
    {R"({"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[{"kind":"Pod",)"
     R"("apiVersion":"v1",)" +
       item("b").substr(1) + "]}",
     "'Pod' of 'v1' instead of 'Service' of 'v1'"},
    {R"({"kind":")" + std::string(5000, 'x') + R"(","apiVersion":"v1","metadata":{"resourceVersion":"9"}})", "xxx"},
  };
  for (auto& c : cases)
    for (const size_t step : {c.body.size(), size_t{1}}) {
      informed w;
      w.r.relist();
      w.begin();
      bool goes_on = true;
      for (size_t i = 0; i < c.body.size() && goes_on; i += step)
        goes_on = w.r.on_body(c.body.substr(i, step));
      if (goes_on)
        w.end();
      EXPECT_EQ(w.story.substr(0, 1), "(");
      w.story.erase(0, 1); // it had begun, and is not ended
      w.expect_refused(c.said, c.body.substr(0, 100));
      EXPECT_LT(w.r.last_error().size(), 300u);
      w.timer();
      w.answer(list("10", {"c"})); // and is well again
      EXPECT_EQ(w.story, "(+c)");
    }
}

// Lists of custom resources carry their kind behind the items, and each item its own.
TEST(foreign, items_may_say_it_themselves) {
  world w;
  std::string own = item("b");
  own.insert(1, troupe::test::type_members(resource::service) + ",");
  w.answer(R"({"apiVersion":"v1","items":[)" + own + R"(],"kind":"ServiceList","metadata":{"resourceVersion":"9"}})");
  EXPECT_EQ(w.story, "(+b)*");
}

TEST(foreign, events_of_another_kind_change_nothing) {
  const struct {
    std::string members, said;
  } cases[] = {
    {R"("kind":"Pod","apiVersion":"v1",)", "'Pod' of 'v1' instead of 'Service' of 'v1'"},
    {R"("kind":"Status","apiVersion":"v1",)", "'Status' of 'v1'"},
    {R"("kind":"Service","apiVersion":"serving.knative.dev/v1",)", "'Service' of 'serving.knative.dev/v1'"},
    {"", "without a kind"},
  };
  for (auto& c : cases) {
    informed w;
    EXPECT_FALSE(w.r.on_body(event_with(c.members) + event("DELETED", "a", "10")));
    EXPECT_EQ(w.aborts, 1);
    w.expect_refused(c.said, c.members);
  }
}

TEST(foreign, in_protobuf_too) {
  const std::string object = octets_of(resource::service, item("b", "9"));
  const struct {
    type_name type;
    bool good;
  } cases[] = {{{"Service", "v1"}, true}, {{"Pod", "v1"}, false}, {{"Service", "v2"}, false}, {{"", ""}, false}};
  for (auto& c : cases) {
    const std::string what{c.type.kind}, kind = what + "List";
    informed w;
    w.r.relist();
    w.r.on_head(200, {}, protobuf_type);
    if (w.r.on_body(listed_octets({kind, c.type.api_version})))
      w.end();
    w.story.erase(0, 1);
    if (c.good)
      EXPECT_EQ(w.story, "+b)");
    else
      w.expect_refused("instead of 'ServiceList' of 'v1'", what);
    EXPECT_EQ(w.asked.back().accept.find(protobuf_type), 0u); // another kind is no fault of the encoding
  }
  for (auto& c : cases) {
    world w;
    w.answer(list("7", {"a"}));
    w.story.clear();
    w.r.on_head(200, {}, "application/vnd.kubernetes.protobuf;stream=watch");
    EXPECT_EQ(w.r.on_body(event_of("ADDED", object, c.type)), c.good);
    EXPECT_EQ(w.story, c.good ? "+b" : "");
    EXPECT_EQ(w.signs(stale_sign::unreadable), c.good ? 0u : 1u);
  }
}

// Over a socket: 200 and a Status, then what was asked for.
TEST(foreign, a_client_asks_again) {
  using namespace troupe::test;
  const std::string status = R"({"kind":"Status","apiVersion":"v1","metadata":{"resourceVersion":"8"}})";
  scripted_api server(script{
    {whole(troupe::test::list("7", {"a"})), whole("{}", 410), whole(status), whole(troupe::test::list("9", {"b"}))}});
  client c(server.port());
  EXPECT_TRUE(c.until([&] { return c.story().ends_with("(+b)"); })) << c.story();
  EXPECT_EQ(c.story(), "(+a)((+b)");
  EXPECT_EQ(c.object.status(resource::service).fresh.signs[static_cast<size_t>(stale_sign::unreadable)], 1u);
}
