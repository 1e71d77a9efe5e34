// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/cache.hpp"
#include "config/dispenser.hpp"

namespace troupe::config {

/// One line in the braces of `cache`, and where its meaning goes.
struct cache_words {
  const dispenser& in; ///< for errors
  cache_options& out;
  std::vector<std::string> args;
};

/// A property of `cache`: how many words it takes and what it does with them.
struct cache_property {
  std::string_view name;
  size_t least, most; ///< words
  failure (*read)(cache_words&);
};

/// Null: unknown to CoreDNS and to us.
const cache_property* find_cache_property(std::string_view name);

/// A TTL in seconds, at least one; else an error.
failure read_cache_ttl(const dispenser& in, const std::string& text, uint32_t& out);

} // namespace troupe::config
