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

/// The part of `text` before the next `at`, which goes from `text` with it.
std::string_view cut(std::string_view& text, char at) noexcept {
  const auto part = text.substr(0, text.find(at));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

/// The names of a second source, `forward` or `cache` begin with `2/`, …
std::string_view without_number(std::string_view name) noexcept {
  std::string_view rest = name;
  return std::ranges::all_of(cut(rest, '/'), [](char c) { return c >= '0' && c <= '9'; }) ? rest : name;
}

bool is_like(std::string_view pattern, std::string_view name) noexcept {
  name = without_number(name);
  while (!pattern.empty() && !name.empty()) {
    const auto wanted = cut(pattern, '/'), part = cut(name, '/');
    if (wanted != part && !std::ranges::all_of(wanted, [](char c) { return c >= 'A' && c <= 'Z'; }))
      return false;
  }
  return pattern.empty() && name.empty();
}

bool is_one_of(std::string_view patterns, std::string_view name) noexcept {
  while (!patterns.empty()) {
    auto pattern = cut(patterns, ',');
    pattern.remove_prefix(std::min(pattern.find_first_not_of(' '), pattern.size()));
    if (is_like(pattern, name))
      return true;
  }
  return false;
}

bool runs_there(home where, const std::optional<size_t>& loop) noexcept {
  switch (where) {
  case home::worker:
    return !loop;
  case home::loop_zero:
    return loop == size_t{0};
  case home::loop:
  case home::some_loop:
    break;
  }
  return loop.has_value();
}

} // namespace

std::span<const supervised> supervision() noexcept {
  return table;
}

const supervised* supervision_of(std::string_view kind) noexcept {
  const auto* found = std::ranges::find(table, kind, &supervised::kind);
  return found == std::end(table) ? nullptr : found;
}

bool fits(const supervised& line, const actor_identity& who) noexcept {
  return line.kind == who.kind && is_one_of(line.names, who.name) && is_like(line.parent, who.parent) &&
         runs_there(line.runs, who.loop);
}

} // namespace troupe
