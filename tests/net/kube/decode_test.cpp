// SPDX-License-Identifier: Apache-2.0
#include "net/kube/decode.hpp"

#include "net/kube/json_splitter.hpp"
#include "tests/net/kube/typed.hpp"

#include <gtest/gtest.h>

using namespace troupe::kube;

namespace {

struct outcome {
  decoded got;
  std::optional<list_end> end;
  bool well_formed = true;
  std::vector<std::string> reports;
  uint64_t skipped = 0;
};

/// Decodes `text` in pieces of `step` octets; 0: at once.
outcome run(resource which, bool list, std::string_view untyped, size_t step = 0, size_t limit = 1u << 20) {
  outcome out;
  const std::string typed =
    list ? troupe::test::typed_list(untyped, which) : troupe::test::typed_events(untyped, which);
  const std::string_view text = typed;
  decode_context context(which, limit, [&](const std::string& line) { out.reports.push_back(line); });
  auto decoder = list ? make_json_list_decoder(context) : make_json_watch_decoder(context);
  for (size_t i = 0; i < text.size() && out.well_formed; i += step ? step : text.size())
    out.well_formed = decoder->feed(text.substr(i, step ? step : text.npos), out.got);
  out.end = decoder->finish();
  out.skipped = context.skipped();
  return out;
}

outcome watch(resource which, std::string_view text, size_t step = 0) {
  return run(which, false, text, step);
}

std::string service_json(const std::string& spec, const std::string& name = "x") {
  return R"({"metadata":{"name":")" + name + R"(","namespace":"default","uid":"u1","resourceVersion":"7"},"spec":)" +
         spec + "}";
}

std::string event(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

/// One line for a change, to compare with.
std::string text(const change& c) {
  std::string out = c.kind == change::what::remove ? "-" : "+";
  if (auto* s = std::get_if<service>(&c.object)) {
    out += s->namespace_ + "/" + s->name;
    for (auto& ip : s->cluster_ips)
      out += " " + ip.to_text();
    if (s->type == service::kind::headless)
      out += " headless";
    if (s->type == service::kind::external_name)
      out += " -> " + s->external_name;
    for (auto& p : s->ports)
      out += " " + p.name + ":" + p.protocol + ":" + std::to_string(p.number);
  } else if (auto* e = std::get_if<endpoint_slice>(&c.object)) {
    out += e->namespace_ + "/" + e->name + (e->service.empty() ? "" : " of " + e->service);
    for (auto& one : e->endpoints) {
      out += " [" + one.fqdn;
      for (auto& ip : one.addresses)
        out += ip.to_text();
      out += "|" + one.hostname + "|" + one.pod + "]";
    }
    for (auto& p : e->ports)
      out += " " + p.name + ":" + p.protocol + ":" + std::to_string(p.number);
  } else {
    out += std::get<namespace_object>(c.object).name;
  }
  return out;
}

std::string text(const std::vector<change>& changes) {
  std::string out;
  for (auto& c : changes)
    out += (out.empty() ? "" : "\n") + text(c);
  return out;
}

} // namespace

TEST(decode, reads_services) {
  struct {
    const char* spec;
    const char* want; // null: skipped
    const char* report;
  } cases[] = {
    {R"({"clusterIP":"10.0.0.1","ports":[{"name":"http","protocol":"TCP","port":80}]})",
     "+default/x 10.0.0.1 http:tcp:80", ""},
    {R"({"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1","fd00::1"]})", "+default/x 10.0.0.1 fd00::1", ""},
    {R"({"clusterIP":"None"})", "+default/x headless", ""},
    {R"({"clusterIPs":["None"],"clusterIP":"None"})", "+default/x headless", ""},
    {R"({"type":"ExternalName","externalName":"Example.COM."})", "+default/x -> Example.COM.", ""},
    {R"({"clusterIP":"10.0.0.1","ports":[{"port":53,"protocol":"UDP"},{"port":54}]})",
     "+default/x 10.0.0.1 :udp:53 :tcp:54", ""},
    {R"({"clusterIP":"10.0.0.1","clusterIP":"10.0.0.2"})", "+default/x 10.0.0.2", ""}, // the last one, as in Go
    {R"({"clusterIP":"999.1.1.1"})", nullptr, "Service default/x skipped: clusterIP '999.1.1.1' is not an address"},
    {R"({"clusterIP":""})", nullptr, "clusterIP '' is not an address"},
    {R"({"clusterIP":"fe80::1%eth0"})", nullptr, "not an address"},
    {R"({})", nullptr, "not an address"},
    {R"(null)", nullptr, "not an address"},
    {R"({"clusterIP":["10.0.0.1"]})", nullptr, "not an address"},
    {R"({"clusterIP":"10.0.0.1","ports":[{"port":0}]})", nullptr, "port 0 is not in 1 to 65535"},
    {R"({"clusterIP":"10.0.0.1","ports":[{"port":65536}]})", nullptr, "not in 1 to 65535"},
    {R"({"clusterIP":"10.0.0.1","ports":[{"port":"80"}]})", nullptr, "not in 1 to 65535"},
    {R"({"clusterIP":"10.0.0.1","ports":[{}]})", nullptr, "not in 1 to 65535"},
    {R"({"clusterIP":"10.0.0.1","ports":[{"port":80,"name":"a.b"}]})", nullptr, "port name 'a.b'"},
    {R"({"type":"ExternalName","externalName":""})", nullptr, "externalName '' is not a name"},
    {R"({"type":"ExternalName","externalName":"a..b"})", nullptr, "is not a name"},
    {R"({"type":"ExternalName","externalName":"a\u0000b"})", nullptr, "is not a name"},
  };
  for (auto& c : cases) {
    auto got =
      run(resource::service, true, R"({"metadata":{"resourceVersion":"5"},"items":[)" + service_json(c.spec) + "]}");
    EXPECT_EQ(text(got.got.changes), c.want ? c.want : "") << c.spec;
    EXPECT_EQ(got.skipped, c.want ? 0u : 1u) << c.spec;
    ASSERT_EQ(got.reports.size(), c.want ? 0u : 1u) << c.spec;
    if (!c.want) {
      EXPECT_NE(got.reports[0].find(c.report), std::string::npos) << got.reports[0];
    }
    ASSERT_TRUE(got.end) << c.spec;
    EXPECT_EQ(got.end->resource_version, "5");
    // The same as an event: what is broken is as if it were gone.
    EXPECT_EQ(text(watch(resource::service, event("MODIFIED", service_json(c.spec))).got.changes),
              c.want ? c.want : "-default/x");
  }
}

TEST(decode, reads_endpoint_slices) {
  const std::string meta =
    R"("metadata":{"name":"x-1","namespace":"default","labels":{"kubernetes.io/service-name":"x"}})";
  const std::string pod64 = std::string(64, 'p'), pod63 = std::string(63, 'p');
  struct {
    std::string rest, want;
    size_t skipped;
  } cases[] = {
    {R"("addressType":"IPv4","endpoints":[{"addresses":["10.1.0.1"],"hostname":"h","targetRef":{"kind":"Pod","name":"p"}}],
        "ports":[{"name":"http","port":8080,"protocol":"TCP"}])",
     "+default/x-1 of x [10.1.0.1|h|p] http:tcp:8080", 0},
    {R"("addressType":"IPv6","endpoints":[{"addresses":["fd00::1"]}],"ports":null)", "+default/x-1 of x [fd00::1||]",
     0},
    {R"("addressType":"FQDN","endpoints":[{"addresses":["a.example"]}])", "+default/x-1 of x [a.example||]", 0},
    {R"("addressType":"IPv4","endpoints":[{"addresses":["10.1.0.1"],"conditions":{"ready":false}},
        {"addresses":["10.1.0.2"],"conditions":{"ready":true}},{"addresses":["10.1.0.3"],"conditions":{}},
        {"addresses":["10.1.0.4"],"conditions":{"ready":null}}])",
     "+default/x-1 of x [10.1.0.2||] [10.1.0.3||] [10.1.0.4||]", 0},
    {R"("addressType":"IPv4","endpoints":null,"ports":[{"name":"all","port":null},{"port":1}])",
     "+default/x-1 of x all:tcp:0 :tcp:1", 0},
    {R"("addressType":"IPv4","endpoints":[{"addresses":["10.1.0.1"],"targetRef":{"kind":"Pod","name":")" + pod64 +
       R"("}}])",
     "+default/x-1 of x [10.1.0.1||]", 0},
    {R"("addressType":"IPv4","endpoints":[{"addresses":["10.1.0.1"],"targetRef":{"kind":"Pod","name":")" + pod63 +
       R"("}}])",
     "+default/x-1 of x [10.1.0.1||" + pod63 + "]", 0},
    {R"("addressType":"IPv4","endpoints":[{"addresses":["10.1.0.1"],"targetRef":{"kind":"Node","name":"n"}}])",
     "+default/x-1 of x [10.1.0.1||]", 0},
    {R"("addressType":"IPv4","endpoints":[{"addresses":["999.1.1.1"]},{"addresses":["10.1.0.1"],"hostname":"Not.Good"}])",
     "+default/x-1 of x [10.1.0.1||]", 1},
    {R"("addressType":"IPv5","endpoints":[])", "", 1},
    {R"("addressType":"IPv4","ports":[{"port":70000}])", "", 1},
  };
  for (auto& c : cases) {
    auto got = run(resource::endpoint_slice, true,
                   R"({"items":[{)" + meta + "," + c.rest + R"(}],"metadata":{"resourceVersion":"5"}})");
    EXPECT_EQ(text(got.got.changes), c.want) << c.rest;
    EXPECT_EQ(got.skipped, c.skipped) << c.rest;
    EXPECT_TRUE(got.end);
  }
}

TEST(decode, reads_when_what_a_slice_follows_has_changed) {
  const auto slice = [](const std::string& annotation) {
    return R"({"metadata":{"name":"a","namespace":"b","labels":{"kubernetes.io/service-name":"s"},"annotations":)"
           R"({"endpoints.kubernetes.io/last-change-trigger-time":)" +
           annotation + R"(}},"addressType":"IPv4","endpoints":[]})";
  };
  struct {
    const char *type, *annotation;
    int64_t nanoseconds;
    size_t reports;
  } const cases[] = {
    {"ADDED", R"("2001-09-09T01:46:40.5Z")", 1'000'000'000'500'000'000, 0},
    {"DELETED", R"("2001-09-09T01:46:40.5Z")", 1'000'000'000'500'000'000, 0},
    {"MODIFIED", R"("yesterday")", 0, 1},
    {"DELETED", R"("yesterday")", 0, 0},
    {"MODIFIED", "17", 0, 0},
  };
  for (auto& c : cases) {
    auto out = watch(resource::endpoint_slice, event(c.type, slice(c.annotation)));
    ASSERT_EQ(out.got.changes.size(), 1u) << c.type << c.annotation;
    const auto& got = std::get<endpoint_slice>(out.got.changes[0].object);
    EXPECT_EQ(got.service, "s") << c.type;
    EXPECT_EQ(got.last_change_trigger.time_since_epoch().count(), c.nanoseconds) << c.type << c.annotation;
    EXPECT_EQ(out.reports.size(), c.reports) << c.type << c.annotation;
  }
}

TEST(decode, leaves_out_slices_of_no_service_in_silence) {
  const std::string slice = R"({"metadata":{"name":"a","namespace":"b"},"addressType":"IPv4","endpoints":[]})";
  auto list = run(resource::endpoint_slice, true, R"({"metadata":{"resourceVersion":"5"},"items":[)" + slice + "]}");
  EXPECT_TRUE(list.got.changes.empty());
  EXPECT_EQ(list.skipped, 0u);
  EXPECT_EQ(text(watch(resource::endpoint_slice, event("MODIFIED", slice)).got.changes), "-b/a");
}

// Fault A16: names that are none, and fields of the wrong type (A11). Each is skipped and counted, the list goes on.
TEST(decode, skips_names_that_are_no_dns_names) {
  const char* metas[] = {
    R"({"name":"X","namespace":"default"})",
    R"({"name":"a.b","namespace":"default"})",
    R"({"name":"x","namespace":"De"})",
    R"({"name":"","namespace":"default"})",
    R"({"name":"x"})",
    R"({"name":5,"namespace":"default"})",
    R"({"name":"x\u0000","namespace":"default"})",
    "null",
    "[]",
    "7",
  };
  for (auto* meta : metas) {
    auto got = run(resource::service, true,
                   std::string{R"({"metadata":{"resourceVersion":"5"},"items":[{"metadata":)"} + meta +
                     R"(,"spec":{"clusterIP":"10.0.0.1"}}]})");
    EXPECT_TRUE(got.got.changes.empty()) << meta;
    EXPECT_EQ(got.skipped, 1u) << meta;
    EXPECT_TRUE(got.end) << meta;
  }
}

// Faults A12 and A16: counted every time, in the log once for each object.
TEST(decode, reports_an_object_once_until_it_is_well) {
  const std::string bad = event("MODIFIED", service_json(R"({"clusterIP":"bad"})"));
  const std::string good = event("MODIFIED", service_json(R"({"clusterIP":"10.0.0.1"})"));
  auto got = watch(resource::service, bad + bad + good + bad);
  EXPECT_EQ(got.skipped, 3u);
  EXPECT_EQ(got.reports.size(), 2u);
}

TEST(decode, reads_every_kind_of_event) {
  const std::string good = service_json(R"({"clusterIP":"10.0.0.1"})");
  auto got = watch(resource::service, event("ADDED", good) + event("DELETED", good) +
                                        event("BOOKMARK", R"({"kind":"Service","metadata":{"resourceVersion":"99"}})"));
  EXPECT_EQ(text(got.got.changes), "+default/x 10.0.0.1\n-default/x");
  EXPECT_EQ(got.got.resource_version, "99");
  EXPECT_FALSE(got.got.initial_events_end);

  got = watch(
    resource::service,
    event("ADDED", good) +
      event("BOOKMARK", R"({"metadata":{"resourceVersion":"7","annotations":{"k8s.io/initial-events-end":"true"}}})") +
      event("DELETED", good));
  ASSERT_TRUE(got.got.initial_events_end);
  EXPECT_EQ(*got.got.initial_events_end, 1u);
  EXPECT_EQ(got.got.changes.size(), 2u);

  got = watch(resource::service, event("ERROR", R"({"kind":"Status","code":410,"reason":"Expired","message":"too old",
      "details":{"retryAfterSeconds":3}})") +
                                   event("ADDED", good));
  ASSERT_TRUE(got.got.failure);
  EXPECT_EQ(got.got.failure->code, 410);
  EXPECT_EQ(got.got.failure->reason, "Expired");
  EXPECT_EQ(got.got.failure->retry_after, 3);
  EXPECT_TRUE(got.got.changes.empty()); // nothing after it counts
}

// Fault A10: chunk boundaries at each octet, two events in a chunk, CRLF variants.
TEST(decode, does_not_care_where_the_pieces_are_cut) {
  const std::string one = event("ADDED", service_json(R"({"clusterIP":"10.0.0.1","externalName":"q\"]}\\"})"));
  const std::string two = event("DELETED", service_json("{}", "y"));
  for (std::string stream :
       {one + two, "\r\n" + one + "\r\n\r\n" + two + "\r", " \t" + one.substr(0, one.size() - 1) + two}) {
    const auto want = text(watch(resource::service, stream).got.changes);
    EXPECT_EQ(want, "+default/x 10.0.0.1\n-default/y");
    for (size_t step = 1; step < stream.size(); ++step)
      ASSERT_EQ(text(watch(resource::service, stream, step).got.changes), want) << step;
  }
  const std::string list = R"( {"kind":"ServiceList","metadata":{"continue":"c","resourceVersion":"5"},"items" : [ )" +
                           service_json(R"({"clusterIP":"10.0.0.1"})") + " ,\n" +
                           service_json(R"({"clusterIP":"None"})", "y") + R"( ] , "items2":[{"a":[1]}]} )";
  for (size_t step = 1; step < list.size(); ++step) {
    auto got = run(resource::service, true, list, step);
    ASSERT_EQ(text(got.got.changes), "+default/x 10.0.0.1\n+default/y headless") << step;
    ASSERT_TRUE(got.end) << step;
    EXPECT_EQ(got.end->continue_token, "c");
  }
}

// Fault A8: a body that ends too early is no list, wherever it was cut.
TEST(decode, a_cut_list_is_no_list) {
  const std::string list =
    R"({"metadata":{"resourceVersion":"5"},"items":[)" + service_json(R"({"clusterIP":"10.0.0.1"})") + "]}";
  for (size_t n = 0; n < list.size(); ++n)
    EXPECT_FALSE(run(resource::service, true, list.substr(0, n)).end) << n;
  EXPECT_TRUE(run(resource::service, true, list).end);
}

// Fault A11.
TEST(decode, survives_what_is_not_json) {
  const std::string good = event("ADDED", service_json(R"({"clusterIP":"10.0.0.1"})", "good"));
  struct {
    std::string event;
    bool well_formed; // the stream goes on after it
  } cases[] = {
    {R"({"type":"ADDED","object":{"metadata":{"name":"x","namespace":"default","n":1e999},"spec":{}}})", true},
    {R"({"type":"ADDED","object":{"metadata":{"name":"\ud800","namespace":"default"}}})", true},
    {"{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"\xff\"}}}", true},
    {R"({"type":"ADDED","object":{"a":")" + std::string(1, '\0') + "\"}}", true},
    {R"({"type":"ADDED" "object":{}})", true},
    {R"({"type":"ADDED","object":{"a":tru}})", true},
    {R"({"type":"NEWS","object":{}})", true},
    {R"({"type":"ADDED"})", true},
    {"[]", true},
    {"12", true},
    {"\"text\"", true},
    {"}", false},
    {std::string(10'000, '['), false},
    {"<html>", true}, // found out at its end, as a value that is none
  };
  for (auto& c : cases) {
    auto got = watch(resource::service, c.event + "\n" + good);
    EXPECT_EQ(got.well_formed, c.well_formed) << c.event.substr(0, 60);
    EXPECT_EQ(text(got.got.changes), c.well_formed ? "+default/good 10.0.0.1" : "") << c.event.substr(0, 60);
    EXPECT_EQ(got.got.lost, c.well_formed ? 1u : 0u) << c.event.substr(0, 60);
  }
}

// Fault A10.
TEST(decode, leaves_out_what_is_too_big_and_goes_on) {
  const std::string good = event("ADDED", service_json(R"({"clusterIP":"10.0.0.1"})", "good"));
  const std::string big =
    event("ADDED", service_json(R"({"clusterIP":"10.0.0.1","x":")" + std::string(5000, 'y') + "\"}"));
  for (size_t step : {0u, 1u, 700u}) {
    auto got = run(resource::service, false, good + big + good, step, 1000);
    EXPECT_TRUE(got.well_formed);
    EXPECT_EQ(got.got.changes.size(), 2u);
    EXPECT_EQ(got.got.lost, 1u);
    EXPECT_EQ(got.skipped, 1u);
  }
}

// Fault A10.
TEST(decode, takes_an_event_of_forty_megabytes) {
  const std::string filler = R"({"addresses":["10.1.0.1"],"junk":")" + std::string(40u << 20, 'z') + "\"}";
  const std::string big =
    event("ADDED", R"({"metadata":{"name":"x-1","namespace":"default","labels":{"kubernetes.io/service-name":"x"}},)"
                   R"("addressType":"IPv4","endpoints":[)" +
                     filler + "]}");
  auto got = run(resource::endpoint_slice, false, big, 64 * 1024, 64u << 20);
  EXPECT_EQ(text(got.got.changes), "+default/x-1 of x [10.1.0.1||]");
}

TEST(parse_status, takes_only_a_status) {
  auto got = parse_status(R"({"kind":"Status","code":504,"reason":"Timeout","message":"Too large resource version"})");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->code, 504);
  for (auto* text : {"", "<html>504</html>", "[]", "{}", R"({"kind":"Pod"})", "null"})
    EXPECT_FALSE(parse_status(text)) << text;
}
