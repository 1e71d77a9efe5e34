// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/caf_compat.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace troupe {

/// The right and the duty to answer one question of another actor, on whatever loop. Travels inside the question;
/// copies share it. The first answer counts; if the last copy dies without one (its holder was killed, say), the asker
/// is sent an empty `Reply` with its token, so that nobody waits for the dead. `Reply` begins with `uint64_t token` and
/// can be made from it alone. Thread: any.
template <class Reply>
class reply_token {
public:
  reply_token() = default;
  reply_token(caf::strong_actor_ptr asker, uint64_t token) : state_(std::make_shared<state>(std::move(asker), token)) {}

  template <class... Ts>
  void answer(Ts&&... rest) const {
    if (state_ && !std::exchange(state_->answered, true))
      state_->send(Reply{state_->token, std::forward<Ts>(rest)...});
  }

  uint64_t token() const noexcept { return state_->token; }
  /// Another message to who asked; the answer is still due.
  template <class Message>
  void also(Message&& message) const {
    state_->send(std::forward<Message>(message));
  }

private:
  struct state {
    state(caf::strong_actor_ptr who, uint64_t number) : asker(std::move(who)), token(number) {}
    state(const state&) = delete;
    ~state() {
      if (!answered)
        send(Reply{token});
    }
    template <class Message>
    void send(Message&& message) const {
      asker->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::forward<Message>(message)),
                     nullptr);
    }

    caf::strong_actor_ptr asker;
    const uint64_t token;
    bool answered = false;
  };
  std::shared_ptr<state> state_;
};

} // namespace troupe
