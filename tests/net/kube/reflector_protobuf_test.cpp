// SPDX-License-Identifier: Apache-2.0
#include "net/kube/reflector.hpp"
#include "tests/net/kube/protobuf_objects.hpp"
#include "tests/net/kube/typed.hpp"

#include <gtest/gtest.h>

using namespace troupe::kube;
using namespace troupe::kube::test;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr auto protobuf_or_json = "application/vnd.kubernetes.protobuf,application/json";
constexpr auto json_only = "application/json";
constexpr auto list_type = "application/vnd.kubernetes.protobuf";
constexpr auto watch_type = "application/vnd.kubernetes.protobuf;stream=watch";

/// What the reflector asks for and emits, written down.
class server : public reflector_io {
public:
  explicit server(resource which = resource::service, bool streaming = false, bool protobuf = true)
    : r(which, options(streaming, protobuf), *this) {
    r.grant(1'000);
    r.start();
  }

  void answer(int status, const char* type, std::string_view body) {
    r.on_head(status, {}, type);
    if (r.on_body(body))
      r.on_end(nullptr);
  }

  void get(request what) override { asked.push_back(std::move(what)); }
  void abort() override { ++aborts; }
  void resume() override {}
  void wait(milliseconds) override { waits = true; }
  bool renew_token() override { return false; }
  void emit(chunk&& what) override {
    story += what.kind == chunk::what::list_begin ? "(" : what.kind == chunk::what::list_end ? ")" : "";
    for (auto& c : what.changes)
      story += (c.kind == change::what::upsert ? "+" : "-") + std::get<service>(c.object).name;
  }
  void synced() override { story += "*"; }
  void log(severity, const std::string& text) override { lines.push_back(text); }
  std::chrono::steady_clock::time_point now() override { return std::chrono::steady_clock::time_point{1h}; }
  double random() override { return 0; }

  std::vector<request> asked;
  std::string story;
  std::vector<std::string> lines;
  int aborts = 0;
  bool waits = false;
  reflector r;

private:
  static api_options options(bool streaming, bool protobuf) {
    api_options out;
    out.streaming_list = streaming;
    out.protobuf = protobuf;
    return out;
  }
};

const std::string item =
  octets_of(resource::service,
            R"({"metadata":{"name":"a","namespace":"n","resourceVersion":"5"},"spec":{"clusterIP":"10.0.0.1"}})");
const std::string later =
  octets_of(resource::service,
            R"({"metadata":{"name":"a","namespace":"n","resourceVersion":"10"},"spec":{"clusterIP":"10.0.0.1"}})");
const std::string end_mark = octets_of(
  resource::service, R"({"metadata":{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}})");

} // namespace

TEST(reflector_protobuf, is_asked_for_first_where_there_is_any) {
  EXPECT_EQ(server{}.asked.back().accept, protobuf_or_json);
  EXPECT_EQ(server{resource::endpoint_slice}.asked.back().accept, protobuf_or_json);
  EXPECT_EQ(server{resource::service_import}.asked.back().accept, json_only);
  EXPECT_EQ((server{resource::service, false, false}.asked.back().accept), json_only);
}

TEST(reflector_protobuf, is_read_in_pages_and_watches) {
  server s;
  s.answer(200, list_type, list_of({item}, "5", "more"));
  EXPECT_EQ(s.story, "(");
  s.answer(200, list_type, list_of({item}, "5"));
  EXPECT_EQ(s.story, "(+a+a)*");
  EXPECT_NE(s.asked.back().target.find("resourceVersion=5"), std::string::npos);
  s.r.on_head(200, {}, watch_type);
  EXPECT_TRUE(s.r.on_body(event_of("DELETED", item)));
  EXPECT_EQ(s.story, "(+a+a)*-a");
}

TEST(reflector_protobuf, is_read_as_a_stream) {
  server s{resource::service, true};
  s.r.on_head(200, {}, watch_type);
  EXPECT_TRUE(s.r.on_body(event_of("ADDED", item)));
  EXPECT_TRUE(s.r.on_body(event_of("BOOKMARK", end_mark) + event_of("ADDED", later)));
  EXPECT_EQ(s.story, "(+a)*+a");
}

TEST(reflector_protobuf, gives_way_to_json_at_a_server_that_does_not_speak_it) {
  for (int status : {406, 415}) {
    server s;
    s.answer(status, json_only, "{}");
    EXPECT_EQ(s.asked.back().accept, json_only) << status;
    EXPECT_FALSE(s.waits) << status;
    s.answer(200, json_only, troupe::test::typed_list(R"({"metadata":{"resourceVersion":"5"},"items":[]})"));
    EXPECT_TRUE(s.story.ends_with("()*")) << status << s.story;
    EXPECT_EQ(s.asked.back().accept, json_only) << status;
  }
}

TEST(reflector_protobuf, gives_way_to_json_when_it_cannot_be_read) {
  const std::string bad = list_of({item, "\xff"}, "5");
  for (auto& body : {bad, std::string{"k8s?"}}) {
    server s;
    s.r.on_head(200, {}, list_type);
    EXPECT_FALSE(s.r.on_body(body));
    EXPECT_TRUE(s.waits);
    ASSERT_EQ(s.lines.size(), body == bad ? 2u : 1u);
    s.r.on_timer();
    EXPECT_EQ(s.asked.back().accept, json_only);
    s.answer(200, json_only, troupe::test::typed_list(R"({"metadata":{"resourceVersion":"5"},"items":[]})"));
    EXPECT_TRUE(s.story.ends_with("()*")) << s.story;
  }
}
