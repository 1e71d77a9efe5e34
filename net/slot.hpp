// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/clock.hpp"
#include "net/dns/protocol.hpp"
#include "net/dns/query.hpp"

#include <cassert>
#include <memory>
#include <netinet/in.h>

namespace troupe::dns {
struct kept_reply;
}

namespace troupe::net {

class answer_source;

/// Who asked, and at which of our addresses: the answer leaves from there, since
/// clients and connection tracking drop what comes from elsewhere (RFC 2181 section 4.1).
struct peer {
  union {
    sockaddr_in v4;
    sockaddr_in6 v6;
  } remote{};
  in6_addr local{};       ///< our address as asked; IPv4 in the first four octets; all zero: the socket's own
  uint32_t interface = 0; ///< index it came in on; 0: unknown
  bool is_v6() const noexcept { return remote.v4.sin_family == AF_INET6; }
};

using dns::protocol;

/// Where a stream's answer goes: never a pointer, since the connection may be gone by then.
struct stream_ref {
  uint32_t id = 0;
  uint32_t generation = 0;
};

/// What happened to a slot so far.
enum class slot_state : uint8_t {
  open,     ///< nobody has answered yet
  answered, ///< `answer` holds a response without OPT
  passed,   ///< the stage at `stage` has nothing to say: the next one is asked
  silent    ///< no answer is sent at all
};

/// What a stage says to who answers for it; each kind of stage has its own.
struct stage_options {
  virtual ~stage_options() = default;
};

/// Who asked, when and how. A copy of the question keeps it.
struct slot_client {
  peer from;
  stream_ref stream;
  time_point arrived; ///< the deadline is query_deadline later
  net::protocol protocol = protocol::udp;
  uint8_t depth = 0;   ///< 0: a client's; else how many questions of the server's own it serves deep
  uint8_t resends = 0; ///< times it was given to the actors again after a drop
};

/// How far it has come through the plan of its batch. Set by the listener and by the stage that routes it.
struct slot_route {
  uint16_t block = 0;      ///< server block of the plan that serves it
  uint16_t zone = 0;       ///< index of the matched zone within the listener's
  uint8_t stage = 0;       ///< stage within the block that it is at
  uint8_t entry_stage = 0; ///< not 0: a question of the server's own, asked from this stage of the block on
  uint8_t zone_skip = 0;   ///< offset in the qname of the zone the stage matched
  bool may_wait = true;    ///< false: too much is in flight, so a stage that would wait sheds it instead
  const stage_options* options = nullptr; ///< of the stage that routed it; alive as long as the batch's plan
};

/// What is said in return. Set by whoever answers.
struct slot_answer {
  slot_state state = slot_state::open;
  bool complete = false;   ///< the answer is cut to size and has its OPT
  bool streamed = false;   ///< `rest` has been sent, or as much as could be: nothing is to be written any more
  bool exists = false;     ///< a stage that asked on knows the name: `answer` says so if nobody else has an answer
  uint8_t answered_by = 0; ///< stage that answered, plus one; 0: the server itself
  dns::rcode rcode = dns::rcode::noerror; ///< of the answer, extended bits included
  /// Why the server could not answer (static, or batch::note), for `errors`; null: it could.
  const char* failure = nullptr;
  std::span<uint8_t> answer;        ///< in the batch's memory; see batch::keep
  uint32_t uncompressed_octets = 0; ///< of `answer` if no name in it were compressed: what is counted
  size_t answer_octets = 0;         ///< what `answer` holds; the span has room for OPT behind it
  /// An answer of many messages, in the batch's memory: the endpoint draws it before anybody counts the answer. Null:
  /// the answer is `answer`.
  answer_source* rest = nullptr;
  /// What `answer` was written from and still says, if somebody keeps that: who wants to keep it too need not read the
  /// answer. In the batch's memory.
  const std::shared_ptr<const dns::kept_reply>* reply = nullptr;
  /// Options of the answer's OPT, if the client sent one: code, length and data of each (RFC 6891 section 6.1.2), in
  /// the batch's memory; see batch::add_option.
  std::span<const uint8_t> opt_data;
};

/// One query on its way through the server. Lives in a batch; touched only on the batch's home loop.
struct alignas(64) slot : slot_client, slot_route, slot_answer {
  dns::query query;

  std::span<uint8_t> message() const noexcept { return answer.first(answer_octets); }
  /// The options, of the kind that the stage has which routes to who asks for them here; builds for tests look whether
  /// it is that kind.
  template <class Options>
  const Options& options_as() const noexcept {
    assert(dynamic_cast<const Options*>(options));
    return static_cast<const Options&>(*options);
  }
};

inline constexpr std::chrono::seconds query_deadline{4};

/// Times a dropped slot is given to the actors again: under load it may meet the end of more than one on its way. What
/// a question itself sets off is caught where it is answered and ends nobody.
inline constexpr uint8_t most_resends = 3;

} // namespace troupe::net
