// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/questions/query_target.hpp"
#include "net/batch.hpp"

namespace troupe {

/// What a stage finds around it when it is asked. Thread: the slot's home loop.
struct stage_scope {
  net::batch& batch;
  query_target* routed_to = nullptr; ///< set by a request function that returns `routed`
};

/// What one directive does with a query (design part 4): a request function on the way in, a response function on the
/// way out. A stage belongs to one loop and one server block and keeps nothing of a query.
class stage {
public:
  enum class step : uint8_t {
    next,     ///< nothing to say: the next stage is asked
    answered, ///< the slot has its answer
    routed,   ///< an actor answers: see stage_scope::routed_to
    taken     ///< the stage itself answers, later: take() is called next
  };

  virtual ~stage() = default;
  /// The directive's name.
  virtual std::string_view name() const noexcept = 0;
  virtual step request(net::slot&, stage_scope&) { return step::next; }
  /// Whether it is asked questions of other classes than IN and ANY. They are REFUSED where no stage of a listener's
  /// is there for them.
  enum class other_classes : uint8_t { skip, take, serve };
  virtual other_classes with_other_classes() const noexcept { return other_classes::skip; }
  /// The slot for which the request function said `taken`, alone. The stage lets it go home once it is answered.
  virtual void take(net::slice) {}
  /// Called for stages before the one that answered, last first. The answer has no OPT yet and is not cut.
  virtual void response(net::slot&, stage_scope&) {}
};

} // namespace troupe
