// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/reflector.hpp"
#include "tests/net/kube/typed.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// A reflector and a world by hand.
namespace troupe::test::by_hand {

using namespace kube;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// A world by hand: what the reflector asks for is written down, what happens is what the test says. No sockets, no
/// clock.
class world : public kube::reflector_io {
public:
  explicit world(api_options options = plain(), size_t credit = 1'000'000, resource which = resource::service)
    : r(which, options, *this) {
    r.grant(credit);
    r.start();
  }

  static api_options plain() {
    api_options options;
    options.streaming_list = false;
    return options;
  }

  /// A whole response of that body.
  void answer(std::string_view body, int status = 200, milliseconds retry_after = {}) {
    begin(status, retry_after);
    if (r.on_body(body))
      r.on_end(nullptr);
  }
  void begin(int status = 200, milliseconds retry_after = {}) { r.on_head(status, retry_after); }
  void end() { r.on_end(nullptr); }
  void fail(exchange_error::kind kind) {
    const exchange_error error{kind, "it broke"};
    r.on_end(&error);
  }
  /// An answer to an audit: there are so many objects at that version.
  void audited(const std::string& version, size_t objects);
  uint64_t signs(stale_sign what) const { return r.fresh().signs[static_cast<size_t>(what)]; }
  void timer() {
    clock += *waiting;
    waiting.reset();
    r.on_timer();
  }
  void pass(milliseconds time) { clock += time; }

  std::string target() const { return asked.empty() ? "" : asked.back().target; }
  bool asks(const char* part) const { return target().find(part) != std::string::npos; }
  bool audits() const { return target() == "/api/v1/services?limit=1&resourceVersion="; }
  bool watches() const { return asks("watch=1") && !asks("sendInitialEvents"); }

  void get(request what) override { asked.push_back(std::move(what)); }
  void abort() override { ++aborts; }
  void resume() override { ++resumes; }
  void wait(milliseconds time) override { waiting = time; }
  bool renew_token() override { return std::exchange(new_token, false); }
  void emit(chunk&& what) override {
    if (what.kind == chunk::what::list_begin)
      story += "(";
    else if (what.kind == chunk::what::list_end)
      story += ")";
    else
      for (auto& c : what.changes)
        story += (c.kind == change::what::upsert ? "+" : "-") + std::get<service>(c.object).name;
  }
  void synced() override { story += "*"; }
  void log(severity, const std::string& text) override { lines.push_back(text); }
  std::chrono::steady_clock::time_point now() override { return clock; }
  double random() override { return 0; }

  std::vector<request> asked;
  std::string story; ///< "(" list_begin, "+a" upsert, "-a" remove, ")" list_end, "*" synced
  std::vector<std::string> lines;
  std::optional<milliseconds> waiting;
  std::chrono::steady_clock::time_point clock{1h};
  int aborts = 0, resumes = 0;
  bool new_token = false;
  reflector r;
};

inline std::string item(const std::string& name, const std::string& version = "1") {
  return R"({"metadata":{"name":")" + name + R"(","namespace":"n","resourceVersion":")" + version +
         R"("},"spec":{"clusterIP":"10.0.0.1"}})";
}

inline std::string list(const std::string& version, const std::vector<std::string>& names,
                        const std::string& more = "") {
  std::string items;
  for (auto& name : names)
    items += (items.empty() ? "" : ",") + item(name);
  return typed_list(R"({"metadata":{"resourceVersion":")" + version + R"(","continue":")" + more + R"("},"items":[)" +
                    items + "]}");
}

inline std::string event(const std::string& type, const std::string& name, const std::string& version) {
  return typed_events(R"({"type":")" + type + R"(","object":)" + item(name, version) + "}\n");
}

inline std::string bookmark(const std::string& version, bool ends_list = false) {
  return typed_events(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":")" + version +
                      R"(","annotations":{)" + (ends_list ? R"("k8s.io/initial-events-end":"true")" : "") + "}}}}\n");
}

inline std::string status(int code, const std::string& reason, const std::string& message = "it is so") {
  return R"({"kind":"Status","code":)" + std::to_string(code) + R"(,"reason":")" + reason + R"(","message":")" +
         message + "\"}";
}

inline std::string error_event(int code, const std::string& reason) {
  return R"({"type":"ERROR","object":)" + status(code, reason) + "}\n";
}

inline void world::audited(const std::string& version, size_t objects) {
  EXPECT_TRUE(audits()) << target();
  const std::string more =
    objects > 1 ? R"("continue":"more","remainingItemCount":)" + std::to_string(objects - 1) : R"("continue":"")";
  answer(typed_list(R"({"metadata":{"resourceVersion":")" + version + "\"," + more + R"(},"items":[)" +
                    (objects > 0 ? item("a") : "") + "]}"));
}

} // namespace troupe::test::by_hand
