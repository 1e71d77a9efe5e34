// SPDX-License-Identifier: Apache-2.0
#include "net/subquery_endpoint.hpp"

namespace troupe::net {

bool subquery_endpoint::ask(const dns::query& query, const subquery_start& from, answered then) {
  if (from.serves.depth >= max_depth)
    return false;
  batch& single = new_batch(1);
  slot& asked = open_slot(single);
  asked.query = query;
  asked.from = from.serves.from;
  asked.arrived = from.serves.arrived;
  asked.protocol = from.serves.protocol;
  asked.may_wait = from.serves.may_wait;
  asked.depth = static_cast<uint8_t>(from.serves.depth + 1);
  asked.stage = asked.entry_stage = from.stage;
  asked.block = from.block;
  asked.zone = from.zone;
  single.plan = from.plan;
  single.serves = from.client_question;
  while (waiting_.contains(++next_)) {
  }
  asked.stream.id = next_;
  waiting_.emplace(next_, std::move(then));
  deliver(single);
  return true;
}

void subquery_endpoint::transmit(batch& home, size_t index) {
  slot& done = home[index];
  const auto found = waiting_.find(done.stream.id);
  answered then = std::move(found->second);
  waiting_.erase(found);
  notes_ = home.notes_of(done);
  then(done);
  notes_ = nullptr;
  close(home, uint64_t{1} << index);
}

} // namespace troupe::net
