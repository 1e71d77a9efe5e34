// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/atoms.hpp"
#include "messages/query.hpp"
#include "messages/reply_token.hpp"
#include "net/batch.hpp"
#include "net/upstream_link.hpp"

#include <memory>

/// How questions reach other resolvers: FORWARD FRONT (one per loop, holds the slots) → FORWARD (one per directive,
/// chooses upstreams) → UPSTREAM (one per address, owns the sockets).
namespace troupe {

using shared_query = std::shared_ptr<const dns::query>;

/// What a front is told. Without a reply and with no failure the FORWARD died with the question.
struct forwarded {
  enum class outcome : uint8_t { lost, replied, failed, rejected };
  uint64_t token;
  outcome result = outcome::lost;
  dns::kept_reply_ptr reply{};              ///< `replied`
  std::shared_ptr<const std::string> why{}; ///< `failed`: for the log of `errors`
  net::answer_notes_ptr notes{};            ///< who was asked, if somebody wants to know
};

/// One question to all upstreams of a directive. Identical ones in flight share one exchange.
struct resolve {
  shared_query question;
  net::protocol client = net::protocol::udp; ///< how the client asked
  net::time_point deadline;
  bool noted = false; ///< who asks wants to know which upstream was asked
  reply_token<forwarded> to;
};

/// What became of one exchange with one upstream. Without a result the UPSTREAM died with it.
struct exchanged {
  uint64_t token;
  bool answered = false;
  net::exchange_result result{};
};

/// One question to one upstream.
struct exchange {
  shared_query question;
  net::exchange_wish wish;
  reply_token<exchanged> to;
};

struct upstream_state;

/// A probe of that upstream got no answer: what it was asked before may never be answered either.
struct doubted {
  std::shared_ptr<const upstream_state> whom;
};

} // namespace troupe

TROUPE_LOCAL_MESSAGE(troupe::forwarded)
TROUPE_LOCAL_MESSAGE(troupe::resolve)
TROUPE_LOCAL_MESSAGE(troupe::exchanged)
TROUPE_LOCAL_MESSAGE(troupe::exchange)
TROUPE_LOCAL_MESSAGE(troupe::doubted)

namespace troupe {

/// The FORWARD FRONT of one loop.
using forward_front_actor = protocol<
  // From the LISTENER: slots whose stage is this `forward`. They go home answered or passed.
  caf::result<void>(queries),
  // From FORWARD, for each question asked of it.
  caf::result<void>(forwarded),
  // From its own timer: what was lost with a FORWARD is to be asked again.
  caf::result<void>(again_atom, uint32_t)>;

/// The FORWARD of one directive.
using forward_actor = protocol<
  // From a FORWARD FRONT of any loop: answered through its token.
  caf::result<void>(resolve),
  // From an UPSTREAM, for each exchange.
  caf::result<void>(exchanged),
  // From an UPSTREAM, for each probe that failed.
  caf::result<void>(doubted),
  // From its own timer: resolv.conf is to be looked at.
  caf::result<void>(due_atom),
  // From its own timer: what was lost with an UPSTREAM is to be asked again.
  caf::result<void>(again_atom, uint32_t)>;

/// The UPSTREAM of one address.
using upstream_actor = protocol<
  // From FORWARD: answered through its token.
  caf::result<void>(exchange),
  // From FORWARD: an exchange failed. Probing begins unless it is under way.
  caf::result<void>(failing_atom),
  // From its own timer: the next probe is due.
  caf::result<void>(probe_atom),
  // From its own timer: has anything come from the upstream of late?
  caf::result<void>(silent_atom)>;

} // namespace troupe
