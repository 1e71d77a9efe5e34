// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/api_client.hpp"
#include "tests/net/kube/typed.hpp"
#include "tests/support/scripted_api.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

/// An API client with timings of milliseconds, and what it emitted as a short text.
namespace troupe::test {

inline std::string item(const std::string& name, const std::string& version = "1") {
  return R"({"metadata":{"name":")" + name + R"(","namespace":"n","resourceVersion":")" + version +
         R"(","labels":{"kubernetes.io/service-name":"s"}},"addressType":"IPv4","endpoints":[],"spec":{"clusterIP":"10.0.0.1"}})";
}

inline std::string list(const std::string& version, const std::vector<std::string>& names, const std::string& more = "",
                        kube::resource which = kube::resource::service) {
  std::string items;
  for (auto& name : names)
    items += (items.empty() ? "" : ",") + item(name);
  return typed_list(R"({"metadata":{"resourceVersion":")" + version + R"(","continue":")" + more + R"("},"items":[)" +
                      items + "]}",
                    which);
}

inline std::string event(const std::string& type, const std::string& name, const std::string& version) {
  return typed_events(R"({"type":")" + type + R"(","object":)" + item(name, version) + "}\n");
}

/// What a request asks for.
inline kube::resource asked(const scripted_request& request) {
  return request.asks("/endpointslices") ? kube::resource::endpoint_slice
         : request.asks("/namespaces")   ? kube::resource::namespace_object
                                         : kube::resource::service;
}

class client {
public:
  static kube::api_timings fast() {
    using ms = std::chrono::milliseconds;
    kube::api_timings t;
    t.backoff_first = ms{1};
    t.backoff_limit = t.refused_limit = ms{4};
    t.retry_after_limit = ms{20};
    t.short_watch = ms{0};
    t.token_refresh = ms{10};
    return t;
  }

  explicit client(uint16_t port, kube::api_timings timings = fast(), std::function<void(kube::api_server&)> adjust = {},
                  size_t credit = 1'000'000, kube::request_limits limits = {})
    : object(server(port, adjust), options(timings, limits), callbacks()) {
    object.grant(kube::resource::service, credit);
    object.grant(kube::resource::endpoint_slice, 1'000'000);
    object.grant(kube::resource::namespace_object, 1'000'000);
    object.start();
  }
  ~client() { object.stop(); }

  /// Waits until `done`, which is asked after everything that happens; false after 20 s.
  template <class Done>
  bool until(Done done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    std::unique_lock lock(mutex_);
    while (!done()) {
      if (std::chrono::steady_clock::now() > limit)
        return false;
      changed_.wait_for(lock, std::chrono::milliseconds{5}); // status() has no callback
    }
    return true;
  }

  /// "(" list_begin, "+a" upsert, "-a" remove, ")" list_end. Also inside of until().
  std::string story(kube::resource which = kube::resource::service) {
    std::lock_guard lock(mutex_);
    return stories_[which];
  }
  size_t chunks() {
    std::lock_guard lock(mutex_);
    return chunks_;
  }
  size_t changes() {
    std::lock_guard lock(mutex_);
    return changes_;
  }
  bool logged(const std::string& part) { return log().find(part) != std::string::npos; }
  std::string log() {
    std::lock_guard lock(mutex_);
    return log_;
  }

private:
  static kube::api_server server(uint16_t port, const std::function<void(kube::api_server&)>& adjust) {
    kube::api_server s;
    s.host = "127.0.0.1";
    s.port = port;
    s.tls = false;
    if (adjust)
      adjust(s);
    return s;
  }

  static kube::api_options options(kube::api_timings timings, kube::request_limits limits) {
    kube::api_options o;
    o.limits = limits;
    o.streaming_list = false;
    o.timings = timings;
    return o;
  }

  kube::api_callbacks callbacks() {
    return {[this](kube::chunk&& c) { on_chunk(c); },
            [this](kube::resource which) {
              std::lock_guard lock(mutex_);
              EXPECT_TRUE(synced.insert(which).second);
              changed_.notify_all();
            },
            [this](kube::severity, const std::string& text) {
              std::lock_guard lock(mutex_);
              log_ += text + "\n";
              changed_.notify_all();
            },
            [this](const kube::request_report& done) {
              std::lock_guard lock(mutex_);
              held_back.push_back(done.held_back);
              changed_.notify_all();
            }};
  }

  void on_chunk(const kube::chunk& c) {
    std::lock_guard lock(mutex_);
    chunks_ += c.resource == kube::resource::service;
    std::string& story = stories_[c.resource];
    if (c.kind != kube::chunk::what::objects)
      story += c.kind == kube::chunk::what::list_begin ? "(" : ")";
    for (auto& change : c.changes) {
      const auto name = std::visit([](auto& o) { return o.name; }, change.object);
      if (name == "throw")
        throw std::runtime_error("as the test wants it");
      ++changes_;
      if (changes_ < 5000)
        story += (change.kind == kube::change::what::upsert ? "+" : "-") + name;
    }
    changed_.notify_all();
  }

  std::recursive_mutex mutex_; ///< recursive: until() asks story() and its like
  std::condition_variable_any changed_;
  std::map<kube::resource, std::string> stories_;
  std::string log_;
  size_t chunks_ = 0, changes_ = 0;

public:
  std::set<kube::resource> synced;
  std::vector<std::chrono::nanoseconds> held_back; ///< of each request
  kube::api_client object;                         ///< last: its thread uses all of the above
};

} // namespace troupe::test
