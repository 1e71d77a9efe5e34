// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/result.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

/// The only header that knows which CAF this is (the scheduler's side is actors/loop_scheduler). It lets 0.17
/// understand protocols written in the style of 1.x:
///   using clock_actor = protocol<caf::result<time_point>(caf::get_atom)>;
namespace troupe {
namespace detail {

template <class>
struct message_type;

template <class... Reply, class... Part>
struct message_type<caf::result<Reply...>(Part...)> {
  using type = typename caf::replies_to<std::decay_t<Part>...>::template with<Reply...>;
};

template <class... Part>
struct message_type<caf::result<void>(Part...)> {
  using type = caf::reacts_to<std::decay_t<Part>...>;
};

} // namespace detail

template <class... Message>
using protocol = caf::typed_actor<typename detail::message_type<Message>::type...>;

} // namespace troupe

/// Declares a message that lives within this process only: it holds shared pointers and is never sent between nodes.
#define TROUPE_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
