// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/supervision.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// What a query meets comes back within a millisecond; who fails 51 times in 10 s is left alone for 10 s.
constexpr restart_policy at_once{};

// clang-format off
constexpr supervised table[] = {
  // names                        kind                 parent       runs             one for each              restarts
  {"loop",                        "loop",              "supervisor", home::loop_zero, "process",               at_once},
  {"notify",                      "notify",            "supervisor", home::loop_zero, "process",               at_once},
  {"reverse",                     "reverse",           "supervisor", home::worker,    "source of objects",     at_once},
  {"namespaces",                  "namespaces",        "supervisor", home::worker,    "source of objects",     at_once},
  {"zone/NS",                     "zone",              "namespaces", home::worker,    "namespace",             at_once},
  {"zone/NS/LOOP",                "zone-server",       "zone/NS",    home::loop,      "namespace, when asked", at_once},
  {"pods",                        "pods",              "supervisor", home::worker,    "source of objects",     at_once},
  {"namespaces-watcher",          "namespaces-watcher", "supervisor", home::worker,   "source of objects",     at_once},
  {"services-watcher",            "services-watcher",  "supervisor", home::worker,    "source of objects",     at_once},
  {"endpoints-watcher",           "endpoints-watcher", "supervisor", home::worker,    "source of objects",     at_once},
  {"pods-watcher",                "pods-watcher",      "supervisor", home::worker,    "source of objects",     at_once},
  {"imports-watcher",             "imports-watcher",   "supervisor", home::worker,    "source of objects",     at_once},
  {"apex/LOOP",                   "apex",              "supervisor", home::loop,      "source of objects",     at_once},
  {"reverse/LOOP",                "reverse-server",    "reverse",    home::loop,      "source of objects",     at_once},
  {"upstream/ADDRESS",            "upstream",          "forward",    home::some_loop, "upstream of a forward", at_once},
  {"forward",                     "forward",           "supervisor", home::loop_zero, "distinct forward",      at_once},
  {"forward/LOOP",                "forward-front",     "forward",    home::loop,      "distinct forward",      at_once},
  {"cache/LOOP",                  "cache",             "supervisor", home::loop,      "cache",                 at_once},
  {"health, ready",               "health",            "supervisor", home::worker,    "process",               at_once},
  {"prometheus, actors",          "metrics",           "supervisor", home::worker,    "process",               at_once},
  {"reload",                      "reload",            "supervisor", home::worker,    "process",               at_once},
  {"listener/own/LOOP, listener/PROTOCOL/ADDRESS/LOOP", "listener", "supervisor", home::loop, "socket",         at_once},
};
// clang-format on

} // namespace

std::span<const supervised> supervision() noexcept {
  return table;
}

const supervised* supervision_of(std::string_view kind) noexcept {
  const auto* found = std::ranges::find(table, kind, &supervised::kind);
  return found == std::end(table) ? nullptr : found;
}

} // namespace troupe
