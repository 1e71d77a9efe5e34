// SPDX-License-Identifier: Apache-2.0
#include "actors/questions/query_target.hpp"

#include "actors/runtime/tell.hpp"
#include "net/endpoint.hpp"

namespace troupe {

namespace {

/// A dead actor drops the message, and with it the cell reports the slots to their endpoint.
void deliver(const caf::strong_actor_ptr& to, net::slice_handle slots) {
  tell(*to->get(), queries{std::move(slots)});
}

void give_up(std::vector<net::slice_handle> all) {
  for (auto& handle : all) {
    net::slice slots = handle.take();
    slots.each([&](net::slot& slot) { net::fail(slots.home(), slot, "the part of the server that answers is away"); });
    std::move(slots).finish();
  }
}

} // namespace

void query_target::enter(caf::strong_actor_ptr who) {
  actor = std::move(who);
  if (const auto waited = std::exchange(waiting_, nullptr))
    for (auto& slots : std::exchange(*waited, {}))
      deliver(actor, std::move(slots));
}

/// With nobody there, slots that may not wait are dropped at once.
void query_target::send(net::slice part) {
  if (actor)
    return deliver(actor, std::move(part).hand_over());
  uint64_t patient = 0;
  part.each([&](const net::slot& slot, uint64_t bit) { patient |= slot.may_wait ? bit : 0; });
  net::slice kept = part.split(patient);
  if (kept.empty())
    return;
  if (!waiting_ || waiting_->empty()) {
    waiting_ = std::make_shared<std::vector<net::slice_handle>>();
    net::loop& home = kept.home().home().home_loop();
    home.at(home.now() + patience, [waited = waiting_] { give_up(std::exchange(*waited, {})); });
  }
  net::endpoint& home = kept.home().home();
  while (!kept.empty())
    waiting_->push_back(home.alone(kept.split(kept.bits() & -kept.bits())).hand_over());
}

void fan_out::send(net::slice& slots) {
  for (query_target* to : targets_) {
    const uint64_t bits = std::exchange(to->pending, 0);
    // The last target mostly gets all that is left: then the slice itself travels.
    net::slice part = bits == slots.bits() ? std::exchange(slots, {}) : slots.split(bits);
    to->send(std::move(part));
  }
  targets_.clear();
}

} // namespace troupe
