// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/stage_site.hpp"

#include <algorithm>

namespace troupe {

#define TROUPE_PLANNED(name)
#define TROUPE_SETTING(name, once)
#define TROUPE_STAGE(name, once) void make_##name(stage_site& site);
#include "config/directives.def"
#undef TROUPE_STAGE

namespace {

std::vector<stage_maker> in_order() {
  std::vector<stage_maker> all{
#define TROUPE_STAGE(name, once) {#name, make_##name},
#include "config/directives.def"
  };
  const auto cache = std::ranges::find(all, "cache", &stage_maker::name);
  const auto kubernetes = std::ranges::find(all, "kubernetes", &stage_maker::name);
  std::rotate(cache, cache + 1, kubernetes + 1);
  return all;
}

} // namespace

const std::vector<stage_maker>& stage_makers() {
  static const std::vector<stage_maker> all = in_order();
  return all;
}

} // namespace troupe
