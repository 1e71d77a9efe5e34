// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace troupe::net {

/// An answer of many messages (a zone transfer: RFC 5936 section 2.2), made piece by piece as its client takes it, so
/// that nothing but the source itself waits for a slow client. The actor or stage that answers gives it to the slot's
/// batch (batch::keep) and is done with the slot: what a stream draws from cannot die with an actor. Owned by the
/// batch. Thread: the slot's home loop.
class answer_source {
public:
  /// What one step came to.
  struct piece {
    size_t octets = 0;       ///< of the message that was written; 0: none yet, there is more to do before the next
    size_t uncompressed = 0; ///< what it would have without OPT and if no name in it were compressed: what is counted
    bool last = false;       ///< nothing comes behind it
  };

  virtual ~answer_source() = default;
  /// Does a step that takes well below a millisecond: writes the next message, OPT included, or prepares it. `out` has
  /// room for the longest message. The first call is the beginning: a source that has to wait for others holds nothing
  /// until then. An exception breaks the answer off.
  virtual piece next(std::span<uint8_t> out) = 0;
  /// The client has it all.
  virtual void done() {}
};

} // namespace troupe::net
