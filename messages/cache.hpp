// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/atoms.hpp"
#include "messages/forward.hpp"
#include "net/cache_rules.hpp"

#include <memory>
#include <optional>
#include <string>

/// How the parts of a cache, one per loop, speak with each other: each is a front for its loop's questions and the
/// owner of the names whose hash falls to it.
namespace troupe {

/// What the one who was to fetch an answer has got: what the stages behind the cache said. Without a reply and a reason
/// the fetcher died.
struct cache_fetched {
  uint64_t token;
  dns::kept_reply_ptr reply{};              ///< null: the server could not answer
  std::shared_ptr<const std::string> why{}; ///< for the log of `errors`, if so
  dns::rcode code = dns::rcode::servfail;   ///< that clients get, if so
  net::answer_notes_ptr notes{};            ///< of who answered
};

/// The right to fetch one answer; whoever holds it last owes a cache_fetched.
using cache_lease = std::shared_ptr<const reply_token<cache_fetched>>;

/// What an owner says about a question.
struct cache_told {
  enum class outcome : uint8_t {
    lost,  ///< the owner died with the question
    found, ///< answer from `item`; then fetch it anew if `lease` is there
    failed ///< nobody could answer: `code`
  };
  uint64_t token;
  outcome result = outcome::lost;
  net::cache_item item{};
  uint32_t ttl = 0;                         ///< that each record shows
  bool from_cache = false;                  ///< not just fetched
  bool may_keep = false;                    ///< worth keeping by the front too
  uint64_t flushes = 0;                     ///< the latest that the owner has seen, when it said so
  cache_lease lease{};                      ///< with `found`
  std::shared_ptr<const std::string> why{}; ///< with `failed`
  dns::rcode code = dns::rcode::servfail;   ///< with `failed`
  net::answer_notes_ptr notes{};            ///< of an answer just fetched, or of why there is none
};

/// Ask the stages behind the cache for the slot of that number, and give what they say to `lease`. The slot goes on
/// waiting.
struct cache_fetch {
  uint64_t token;
  cache_lease lease;
};

/// A question to the owner of its name.
struct cache_ask {
  shared_query question;
  bool whole = false;                       ///< a truncated answer is none for who asks
  std::optional<net::time_point> refresh{}; ///< the front has a copy, stored then, that is worth fetching ahead
  reply_token<cache_told> to;
};

/// What is known of names at and below `zone` is no longer to be believed, nor what is under way.
struct cache_flush {
  uint64_t number; ///< of the flush, in the whole process; a later one has a greater one
  dns::name zone{};
};

} // namespace troupe

TROUPE_LOCAL_MESSAGE(troupe::cache_fetched)
TROUPE_LOCAL_MESSAGE(troupe::cache_told)
TROUPE_LOCAL_MESSAGE(troupe::cache_fetch)
TROUPE_LOCAL_MESSAGE(troupe::cache_ask)
TROUPE_LOCAL_MESSAGE(troupe::cache_flush)

namespace troupe {

/// CACHE, one per loop for each `cache`.
using cache_actor = protocol<
  // From the LISTENER: slots whose stage is this `cache`. They go home answered.
  caf::result<void>(queries),
  // From the CACHE of any loop: about a name that this one owns. Answered through its token.
  caf::result<void>(cache_ask),
  // From the owner of a name, for each question asked of it.
  caf::result<void>(cache_told),
  // From the owner of a name, to the one of those who wait whose turn it is.
  caf::result<void>(cache_fetch),
  // From whoever was given a lease.
  caf::result<void>(cache_fetched),
  // From its own timer: what was lost with an owner is to be asked again.
  caf::result<void>(again_atom, uint32_t),
  // From its own timer: a verification has taken too long.
  caf::result<void>(verified_atom, uint64_t),
  // From flush_caches().
  caf::result<void>(cache_flush),
  // From itself: the flush goes on.
  caf::result<void>(forget_atom)>;

} // namespace troupe
