// SPDX-License-Identifier: Apache-2.0
#include "net/kube/json_splitter.hpp"
#include "net/kube/kubeconfig.hpp"
#include "net/kube/manifests.hpp"
#include "net/kube/protobuf_splitter.hpp"
#include "net/kube/yaml.hpp"
#include "tests/net/kube/reflector_world.hpp"

using namespace troupe::kube;
using namespace troupe::test::by_hand;

namespace {

std::string keys(size_t many) {
  std::string out;
  for (size_t i = 0; i < many; ++i)
    out += "k" + std::to_string(i) + ": v\n";
  return out;
}

} // namespace

// An object without end is given up at the limit, not at its end, and nothing of it is kept.
TEST(limits, an_object_without_end_is_left_out_at_once) {
  const std::string piece(64 * 1024, 'x');
  size_t told = 0;
  json_splitter json(json_splitter::mode::documents, 1u << 20, {[](auto) { FAIL(); }, [&] { ++told; }});
  EXPECT_TRUE(json.feed(R"({"type":"ADDED","object":{"a":")"));
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(json.feed(piece));
    EXPECT_EQ(told, i < 15 ? 0u : 1u) << i;
  }
  frame_splitter frames(1u << 20, {[](auto) { FAIL(); }, [&] { ++told; }});
  frames.feed("\xff\xff\xff\xff");
  EXPECT_EQ(told, 2u);
}

TEST(limits, a_watch_is_begun_anew_over_an_object_that_is_too_big) {
  auto options = world::plain();
  EXPECT_EQ(options.max_object_octets, 4u << 20);
  world w(options);
  w.answer(list("7", {"a"}));
  w.begin();
  EXPECT_TRUE(w.r.on_body(R"({"type":"ADDED","object":{"a":")"));
  const std::string piece(1u << 20, 'x');
  size_t pieces = 1;
  while (w.r.on_body(piece))
    ++pieces;
  EXPECT_EQ(pieces, 4u);
  EXPECT_EQ(w.aborts, 1);
  EXPECT_EQ(w.signs(stale_sign::unreadable), 1u);
  EXPECT_NE(w.lines.front().find("of more than 4194304 octets skipped: it is too big"), std::string::npos);
  EXPECT_EQ(w.story, "(+a)*");
}

TEST(limits, more_objects_than_any_cluster_has_are_not_believed) {
  auto options = world::plain();
  options.max_objects = 3;
  world w(options);
  w.answer(list("7", {"a", "b", "c"}));
  EXPECT_EQ(w.story, "(+a+b+c)*");
  w.begin();
  EXPECT_FALSE(w.r.on_body(event("ADDED", "d", "8")));
  EXPECT_NE(w.r.last_error().find("more than 3 of them"), std::string::npos) << w.r.last_error();
  EXPECT_EQ(w.story, "(+a+b+c)*");

  world pages(options);
  pages.answer(list("7", {"a", "b"}, "more"));
  pages.answer(list("7", {"c", "d"}));
  EXPECT_EQ(pages.story.find(')'), std::string::npos) << pages.story;
  EXPECT_NE(pages.r.last_error().find("more than 3 of them"), std::string::npos) << pages.r.last_error();
}

TEST(limits, a_list_without_end_is_dropped) {
  for (const bool streaming : {false, true}) {
    auto options = world::plain();
    options.streaming_list = streaming;
    options.max_list_octets = 1000;
    world w(options);
    w.begin();
    if (!streaming) {
      w.r.on_body(list("7", {}).substr(0, 90));
      EXPECT_EQ(w.aborts, 0);
    }
    for (int i = 0; i < 30 && w.aborts == 0; ++i)
      w.r.on_body(streaming ? event("ADDED", "a" + std::to_string(i), "8") : std::string(50, ' '));
    EXPECT_EQ(w.aborts, 1);
    EXPECT_NE(w.r.last_error().find("longer than 1000 octets"), std::string::npos) << w.r.last_error();
    EXPECT_TRUE(w.waiting);
  }
}

TEST(limits, yaml) {
  const std::string text(yaml::max_scalar_octets, 'x');
  const struct {
    const char* what;
    std::string text, error; // empty: it is read
  } cases[] = {
    {"as many keys as there may be", keys(yaml::max_keys), ""},
    {"a key more", "a:\n  b: c\nd:\n  - {}\n" + keys(yaml::max_keys),
     "f:10003 - is not YAML that can be used: a "
     "mapping of more than 10000 keys"},
    {"as long a text", "a: " + text, ""},
    {"a longer one", "a: b\nc: \"" + text + "x\"", "f:2 - is not YAML that can be used: a text of more than 2097152"},
    {"a longer key", "? " + text + "x\n: b", "f:1 - is not YAML that can be used: a text of more than 2097152"},
    {"depth", std::string(yaml::max_depth + 1, '['), "f:1 - is not YAML that can be used: deeper than 64"},
  };
  for (auto& c : cases) {
    auto got = yaml::parse("f", c.text);
    auto* bad = std::get_if<problem>(&got);
    ASSERT_EQ(bad != nullptr, !c.error.empty()) << c.what << (bad ? bad->to_text() : "");
    if (!bad)
      continue;
    EXPECT_EQ(bad->to_text().substr(0, c.error.size()), c.error) << c.what;
    // Kubeconfigs and manifests are read by it.
    auto config = parse_kubeconfig("f", c.text, "");
    EXPECT_EQ(std::get<problem>(config).to_text().substr(0, c.error.size()), c.error) << c.what;
    const manifest_text one{"f", c.text};
    EXPECT_EQ(read_manifest_texts({&one, 1}).errors.at(0).to_text().substr(0, c.error.size()), c.error) << c.what;
  }
}
