// SPDX-License-Identifier: Apache-2.0
#include "net/kube/decode.hpp"
#include "tests/net/kube/protobuf_objects.hpp"
#include "tests/net/kube/typed.hpp"

#include <gtest/gtest.h>

using namespace troupe::kube;
using namespace troupe::kube::test;

namespace {

struct outcome {
  decoded got;
  std::optional<list_end> end;
  bool well_formed = true;
  std::vector<std::string> reports;
  uint64_t skipped = 0;
};

using maker = std::unique_ptr<decoder>(decode_context&);

/// Decodes `text` in pieces of `step` octets; 0: at once.
outcome run(maker* make, resource which, std::string_view untyped, size_t step = 0, size_t limit = 1u << 20,
            const kept& keep = kept::all()) {
  outcome out;
  const std::string typed = make == make_json_list_decoder    ? troupe::test::typed_list(untyped, which)
                            : make == make_json_watch_decoder ? troupe::test::typed_events(untyped, which)
                                                              : std::string{untyped};
  const std::string_view text = typed;
  decode_context context(
    which, limit, [&](const std::string& line) { out.reports.push_back(line); }, keep);
  auto decoder = make(context);
  for (size_t i = 0; i < text.size() && out.well_formed; i += step ? step : text.size())
    out.well_formed = decoder->feed(text.substr(i, step ? step : text.npos), out.got);
  out.end = decoder->finish();
  out.skipped = context.skipped();
  return out;
}

outcome watch(std::string_view text, size_t step = 0, size_t limit = 1u << 20) {
  return run(make_protobuf_watch_decoder, resource::service, text, step, limit);
}

outcome list(std::string_view text, size_t step = 0, size_t limit = 1u << 20) {
  return run(make_protobuf_list_decoder, resource::service, text, step, limit);
}

bool same(const std::vector<change>& a, const std::vector<change>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const change& x, const change& y) { return x.kind == y.kind && x.object == y.object; });
}

const std::string meta = R"("metadata":{"name":"x","namespace":"default","uid":"u","resourceVersion":"7"})";
const std::string slice_meta = R"("metadata":{"name":"x-1","namespace":"default","resourceVersion":"8",)"
                               R"("labels":{"a":"b","kubernetes.io/service-name":"x"}})";

std::string service_of(const std::string& spec) {
  return "{" + meta + R"(,"spec":)" + spec + "}";
}

std::string slice_of(const std::string& rest) {
  return "{" + slice_meta + R"(,"addressType":"IPv4",)" + rest + "}";
}

struct object_case {
  resource which;
  std::string json;
};

std::vector<object_case> object_cases() {
  std::vector<object_case> cases;
  for (auto* spec :
       {R"({"clusterIP":"10.0.0.1","ports":[{"name":"http","protocol":"TCP","port":80},{"port":53,"protocol":"UDP"}]})",
        R"({"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1","fd00::1"],"type":"ClusterIP"})", R"({"clusterIP":"None"})",
        R"({"type":"ExternalName","externalName":"Example.COM."})", R"({"type":"ExternalName","externalName":"a..b"})",
        R"({"type":"ExternalName"})", R"({"clusterIP":"999.1.1.1"})", R"({"clusterIP":"fe80::1%eth0"})", R"({})",
        R"({"clusterIP":"10.0.0.1","ports":[{"port":0}]})", R"({"clusterIP":"10.0.0.1","ports":[{"port":65536}]})",
        R"({"clusterIP":"10.0.0.1","ports":[{"port":-1}]})", R"({"clusterIP":"10.0.0.1","ports":[{}]})",
        R"({"clusterIP":"10.0.0.1","ports":[{"port":80,"name":"a.b"}]})"})
    cases.push_back({resource::service, service_of(spec)});
  for (auto* bad : {R"({"metadata":{"name":"X","namespace":"default"},"spec":{"clusterIP":"10.0.0.1"}})",
                    R"({"metadata":{"name":"x"},"spec":{"clusterIP":"10.0.0.1"}})", "{}"})
    cases.push_back({resource::service, bad});
  for (auto* rest :
       {R"("endpoints":[{"addresses":["10.1.0.1","10.1.0.2"],"hostname":"h","targetRef":{"kind":"Pod","name":"p"}}],
           "ports":[{"name":"http","port":8080,"protocol":"TCP"}])",
        R"("endpoints":[{"addresses":["10.1.0.1"],"conditions":{"ready":false}},
           {"addresses":["10.1.0.2"],"conditions":{"ready":true}},{"addresses":["10.1.0.3"],"conditions":{}}])",
        R"("endpoints":[],"ports":[{"name":"all"},{"port":1}])",
        R"("endpoints":[{"addresses":["10.1.0.1"],"targetRef":{"kind":"Node","name":"n"}}])",
        R"("endpoints":[{"addresses":["999.1.1.1"]},{"addresses":["10.1.0.1"],"hostname":"Not.Good"}])",
        R"("endpoints":[{"addresses":[]}])", R"("ports":[{"port":70000}])"})
    cases.push_back({resource::endpoint_slice, slice_of(rest)});
  cases.push_back({resource::endpoint_slice,
                   "{" + slice_meta + R"(,"addressType":"FQDN","endpoints":[{"addresses":["a.example"]}]})"});
  cases.push_back({resource::endpoint_slice, "{" + slice_meta + R"(,"addressType":"IPv5","endpoints":[]})"});
  cases.push_back({resource::endpoint_slice, R"({"metadata":{"name":"a","namespace":"b"},"addressType":"IPv4"})"});
  cases.push_back({resource::service, service_of(R"({"clusterIP":"10.0.0.1","externalIPs":["192.0.2.1","x"]})")});
  cases.push_back({resource::service, "{" + meta +
                                        R"(,"spec":{"clusterIP":"10.0.0.1"},"status":{"loadBalancer":{)"
                                        R"("ingress":[{"ip":"192.0.2.2"},{"hostname":"lb.example"}]}}})"});
  cases.push_back({resource::endpoint_slice, slice_of(R"("endpoints":[{"addresses":["10.1.0.1"],"zone":"Zone-A"}])")});
  cases.push_back({resource::endpoint_slice,
                   R"({"metadata":{"name":"a","namespace":"b","labels":{"multicluster.kubernetes.io/service-name":"x",)"
                   R"("multicluster.kubernetes.io/source-cluster":"c"},"annotations":{)"
                   R"("endpoints.kubernetes.io/last-change-trigger-time":"2001-09-09T01:46:40Z"}},)"
                   R"("addressType":"IPv4","endpoints":[{"addresses":["10.1.0.1"]}]})"});
  for (auto* status : {R"({"phase":"Running","podIP":"10.1.0.1","podIPs":[{"ip":"10.1.0.1"},{"ip":"fd00::1"}]})",
                       R"({"phase":"Running","podIP":"10.1.0.1"})", R"({"phase":"Failed","podIP":"10.1.0.1"})",
                       R"({"phase":"Running","podIP":"999.1.1.1"})"})
    cases.push_back({resource::pod, "{" + meta + R"(,"status":)" + status + "}"});
  cases.push_back({resource::pod, R"({"metadata":{"name":"x","namespace":"default","labels":{"app":"x","a/b":"c"}},)"
                                  R"("status":{"podIP":"10.1.0.1"}})"});
  cases.push_back({resource::pod,
                   R"({"metadata":{"name":"p","namespace":"n","deletionTimestamp":"2001-09-09T01:46:40Z"},)"
                   R"("status":{"phase":"Running","podIP":"10.1.0.1"}})"});
  cases.push_back({resource::namespace_object, R"({"metadata":{"name":"default","uid":"u"}})"});
  cases.push_back({resource::namespace_object, R"({"metadata":{"name":"No.Label"}})"});
  return cases;
}

void expect_same(const outcome& protobuf, const outcome& json, const std::string& what) {
  EXPECT_TRUE(same(protobuf.got.changes, json.got.changes)) << what;
  EXPECT_EQ(protobuf.got.resource_version, json.got.resource_version) << what;
  EXPECT_EQ(protobuf.got.initial_events_end, json.got.initial_events_end) << what;
  EXPECT_EQ(protobuf.got.lost, json.got.lost) << what;
  EXPECT_EQ(protobuf.skipped, json.skipped) << what;
  EXPECT_EQ(protobuf.reports, json.reports) << what;
  EXPECT_TRUE(protobuf.well_formed && json.well_formed) << what;
}

const std::string good_json = service_of(R"({"clusterIP":"10.0.0.1"})");
const std::string good = octets_of(resource::service, good_json);

} // namespace

TEST(protobuf_decode, makes_the_same_of_an_object_as_json) {
  size_t used = 0;
  for (auto& c : object_cases()) {
    const std::string octets = octets_of(c.which, c.json);
    const auto listed = run(make_protobuf_list_decoder, c.which, list_of({octets}, "5", "c", {}, c.which));
    expect_same(listed,
                run(make_json_list_decoder, c.which,
                    R"({"metadata":{"resourceVersion":"5","continue":"c"},"items":[)" + c.json + "]}"),
                c.json);
    used += listed.got.changes.size();
    ASSERT_TRUE(listed.end) << c.json;
    EXPECT_EQ(listed.end->resource_version, "5");
    EXPECT_EQ(listed.end->continue_token, "c");
    for (auto* type : {"ADDED", "MODIFIED", "DELETED", "BOOKMARK", "NEWS", ""}) {
      const std::string event = R"({"type":")" + std::string{type} + R"(","object":)" + c.json + "}\n";
      expect_same(run(make_protobuf_watch_decoder, c.which, event_of(type, octets, type_of(c.which))),
                  run(make_json_watch_decoder, c.which, event), type + c.json);
    }
  }
  EXPECT_EQ(used, 21u); // the others are the bad ones
}

TEST(protobuf_decode, both_leave_out_of_endpoints_what_nobody_keeps) {
  const std::string json = slice_of(
    R"("endpoints":[{"addresses":["10.1.0.1"],"hostname":"h","zone":"z","targetRef":{"kind":"Pod","name":"p"}}])");
  const std::string octets = octets_of(resource::endpoint_slice, json);
  for (const bool pod_names : {false, true})
    for (const bool zones : {false, true}) {
      const kept keep{.endpoints = true, .pod_names = pod_names, .zones = zones};
      for (auto& out : {run(make_protobuf_list_decoder, resource::endpoint_slice,
                            list_of({octets}, "5", {}, {}, resource::endpoint_slice), 0, 1u << 20, keep),
                        run(make_json_list_decoder, resource::endpoint_slice,
                            R"({"metadata":{"resourceVersion":"5"},"items":[)" + json + "]}", 0, 1u << 20, keep)}) {
        ASSERT_EQ(out.got.changes.size(), 1u);
        const endpoint& one = std::get<endpoint_slice>(out.got.changes[0].object).endpoints.at(0);
        EXPECT_EQ(one.hostname, "h");
        EXPECT_EQ(one.pod, pod_names ? "p" : "");
        EXPECT_EQ(one.zone, zones ? "z" : "");
      }
    }
}

TEST(protobuf_decode, says_how_many_objects_remain) {
  const auto remaining = [](std::optional<int64_t> said) {
    return run(make_protobuf_list_decoder, resource::service, list_of({good}, "5", "c", said)).end->remaining;
  };
  EXPECT_EQ(remaining(41), 41u);
  EXPECT_EQ(remaining(-1), std::nullopt);
  EXPECT_EQ(remaining({}), std::nullopt);
  const auto in_json = [](const std::string& said) {
    return run(make_json_list_decoder, resource::service,
               R"({"metadata":{"resourceVersion":"5","continue":"c")" + said + R"(},"items":[]})")
      .end->remaining;
  };
  EXPECT_EQ(in_json(R"(,"remainingItemCount":41)"), 41u);
  EXPECT_EQ(in_json(R"(,"remainingItemCount":-1)"), std::nullopt);
  EXPECT_EQ(in_json(""), std::nullopt);
}

// Fault A12: what is older than the event before it is not read, nor what follows it.
TEST(protobuf_decode, stops_where_versions_go_back) {
  const std::string later =
    R"({"metadata":{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}})";
  auto got = watch(event_of("BOOKMARK", octets_of(resource::service, later)) + event_of("ADDED", good) +
                   event_of("BOOKMARK", octets_of(resource::service, later)));
  EXPECT_EQ(got.got.went_back, "7");
  EXPECT_TRUE(got.got.changes.empty());
}

TEST(protobuf_decode, ends_a_streamed_list_at_its_bookmark) {
  const std::string end = R"({"metadata":{"resourceVersion":"7","annotations":{"k8s.io/initial-events-end":"true"}}})";
  auto got = watch(event_of("ADDED", good) + event_of("BOOKMARK", octets_of(resource::service, end)) +
                   event_of("DELETED", good));
  EXPECT_EQ(got.got.initial_events_end, 1u);
  EXPECT_EQ(got.got.changes.size(), 2u);
  EXPECT_EQ(got.got.changes.back().kind, change::what::remove);
}

TEST(protobuf_decode, reads_nothing_after_an_error) {
  wire::Status status;
  status.set_code(410);
  status.set_reason("Expired");
  status.set_message("too old");
  status.mutable_details()->set_retry_after_seconds(3);
  const std::string octets = status.SerializeAsString();
  auto got = watch(event_of("ERROR", octets, {"Status", "v1"}) + event_of("ADDED", good));
  ASSERT_TRUE(got.got.failure);
  EXPECT_EQ(got.got.failure->code, 410);
  EXPECT_EQ(got.got.failure->reason, "Expired");
  EXPECT_EQ(got.got.failure->message, "too old");
  EXPECT_EQ(got.got.failure->retry_after, 3);
  EXPECT_TRUE(got.got.changes.empty());

  EXPECT_EQ(parse_status(enveloped({"Status", "v1"}, octets)).value_or(api_failure{}).code, 410);
  EXPECT_FALSE(parse_status(enveloped({"Service", "v1"}, octets)));
  EXPECT_FALSE(parse_status(std::string{protobuf_magic} + "\xff"));
  EXPECT_FALSE(parse_status(protobuf_magic.substr(0, 3)));
}

TEST(protobuf_decode, does_not_care_where_the_pieces_are_cut) {
  const std::string stream = event_of("ADDED", good) + event_of("DELETED", good) + frame("") + event_of("ADDED", good);
  const auto want = watch(stream);
  EXPECT_EQ(want.got.changes.size(), 3u);
  EXPECT_EQ(want.got.lost, 1u); // the empty frame
  const std::string all = list_of({good, good}, "5");
  const auto listed = list(all);
  EXPECT_EQ(listed.got.changes.size(), 2u);
  for (size_t step = 1; step < stream.size(); ++step) {
    ASSERT_TRUE(same(watch(stream, step).got.changes, want.got.changes)) << step;
    ASSERT_TRUE(same(list(all, step).got.changes, listed.got.changes)) << step;
    ASSERT_TRUE(list(all, step).end) << step;
  }
}

// Fault A8. Behind the list stand contentEncoding and contentType, which a list can do without.
TEST(protobuf_decode, a_cut_list_is_no_list) {
  const std::string all = list_of({good}, "5");
  constexpr size_t behind = 4;
  for (size_t n = 0; n < all.size() - behind; ++n)
    EXPECT_FALSE(list(all.substr(0, n)).end) << n;
  EXPECT_FALSE(list(all.substr(0, all.size() - 1)).end) << "in the middle of a field";
  EXPECT_TRUE(list(all).end);
  EXPECT_FALSE(list(list_of({good}, "")).end) << "no version";
  EXPECT_FALSE(list(list_of({good}, std::string(1000, '1'))).end);
}

// Fault A11.
TEST(protobuf_decode, survives_frames_that_are_none) {
  const std::string bad_text = "{" + std::string{R"("metadata":{"name":"x","namespace":"default"}})"};
  const std::string deep(1000, '\x0b'); // groups inside of groups
  struct {
    const char* what;
    std::string frame;
  } cases[] = {
    {"empty", frame("")},
    {"JSON", frame(R"({"type":"ADDED","object":)" + bad_text + "}")},
    {"no magic", frame(field(1, "ADDED") + field(2, field(1, good)))},
    {"no envelope", frame(field(1, "ADDED") + field(2, field(1, std::string{protobuf_magic} + "\xff")))},
    {"no object", frame(field(1, "ADDED"))},
    {"cut", event_of("ADDED", good.substr(0, good.size() - 1))},
    {"wrong wire type", event_of("ADDED", "\x0a")},
    {"groups", event_of("ADDED", deep)},
    {"field 0", event_of("ADDED", std::string{"\x02\x00", 2})},
    {"varint without end", event_of("ADDED", std::string(20, '\xff'))},
    {"a length beyond the end", event_of("ADDED", "\x0a\xff\xff\xff\xff\x0f")},
  };
  for (auto& c : cases) {
    auto got = watch(c.frame + event_of("ADDED", good));
    EXPECT_TRUE(got.well_formed) << c.what;
    EXPECT_EQ(got.got.changes.size(), 1u) << c.what;
    EXPECT_EQ(got.got.lost, 1u) << c.what;
    EXPECT_EQ(got.skipped, 1u) << c.what;
  }
}

TEST(protobuf_decode, skips_names_that_are_not_text) {
  auto got = watch(event_of("ADDED", field(1, field(1, "\xff"))) + event_of("ADDED", good));
  EXPECT_EQ(got.got.changes.size(), 1u);
  EXPECT_EQ(got.got.lost, 0u);
  EXPECT_EQ(got.skipped, 1u);
}

TEST(protobuf_decode, reads_no_object_with_more_fields_than_any_has) {
  for (size_t fields : {400'000, 600'000}) {
    std::string many = good;
    for (size_t i = 0; i < fields; ++i)
      many += field(2, "");
    auto got = watch(event_of("ADDED", many), 0, 4u << 20);
    EXPECT_EQ(got.got.changes.size(), fields < 500'000 ? 1u : 0u);
    EXPECT_EQ(got.got.lost, fields < 500'000 ? 0u : 1u);
  }
}

TEST(protobuf_decode, refuses_lists_that_are_none) {
  const std::string magic{protobuf_magic};
  const std::string items = field(1, field(2, "5")) + field(2, good);
  struct {
    const char* what;
    std::string text;
    bool well_formed;
  } cases[] = {
    {"empty", "", true},
    {"JSON", R"({"kind":"ServiceList"})", false},
    {"magic alone", magic, true},
    {"no list", magic + field(1, ""), true},
    {"two lists", magic + field(2, items) + field(2, items), false},
    {"an item longer than its list", magic + field(2, items + "\x12\x7f"), false},
    {"a list that ends in a key", magic + field(2, items + "\x92"), false},
    {"a group", magic + field(2, items + "\x0b"), false},
    {"field 0", magic + field(2, items + std::string{"\x02\x00", 2}), false},
    {"a varint of 11 octets", magic + field(2, "\x18" + std::string(11, '\xff')), false},
    {"metadata without bounds", magic + field(2, field(1, std::string(200'000, 'x'))), false},
    {"a fixed number beyond the end", magic + field(2, std::string{"\x19\x01", 2}), false},
  };
  for (auto& c : cases)
    for (size_t step : {0, 1, 3}) {
      auto got = list(c.text, step);
      EXPECT_FALSE(got.end && got.well_formed) << c.what;
      EXPECT_EQ(got.well_formed, c.well_formed) << c.what;
    }
  // Fields of other kinds are passed over.
  EXPECT_TRUE(list(magic + field(1, field(1, "v1") + field(2, "ServiceList")) +
                   field(2, std::string{"\x18\x05\x21", 3} + std::string(8, '\1') + "\x2d\1\1\1\1" + items) +
                   "\x28\x01")
                .end);
}

TEST(protobuf_decode, leaves_out_what_is_too_big_and_goes_on) {
  std::string big = good;
  big += field(5, std::string(5000, 'y'));
  for (size_t step : {0u, 1u, 700u}) {
    auto got = watch(event_of("ADDED", good) + event_of("ADDED", big) + event_of("ADDED", good), step, 1000);
    EXPECT_EQ(got.got.changes.size(), 2u);
    EXPECT_EQ(got.got.lost, 1u);
    got = list(list_of({good, big, good}, "5"), step, 1000);
    EXPECT_EQ(got.got.changes.size(), 2u);
    EXPECT_EQ(got.got.lost, 1u);
    EXPECT_TRUE(got.end);
  }
}
