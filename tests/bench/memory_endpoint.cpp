// SPDX-License-Identifier: Apache-2.0
#include "memory_endpoint.hpp"

#include <ctime>

namespace troupe::bench {

memory_endpoint::memory_endpoint(net::loop& home, const packets& questions, size_t first, const std::atomic<phase>& at,
                                 std::function<void()> over)
  : endpoint(home, {}), questions_(questions), next_(first % questions.size()), at_(at), over_(std::move(over)) {}

void memory_endpoint::transmit(net::batch& home, size_t index) {
  auto& done = home[index];
  ++answered_;
  auto message = done.message();
  if (done.state != net::slot_state::answered || message.size() < 12 || (message[3] & 15) != 0 || message[7] == 0)
    ++wrong_;
  close(home, uint64_t{1} << index);
}

void memory_endpoint::resume_reading() {
  static constexpr net::task::verbs read_again{
    [](void* self, net::loop&) { static_cast<memory_endpoint*>(self)->read(); }, [](void*) noexcept {}};
  if (posted_ || seen_ == phase::over)
    return;
  posted_ = true;
  home_loop().post(net::lane::queries, {&read_again, this});
}

void memory_endpoint::read() {
  posted_ = false;
  if (auto now = at_.load(std::memory_order_relaxed); now != seen_) {
    (now == phase::measure ? begin_ : end_) = take_mark();
    seen_ = now;
  }
  if (seen_ == phase::over) {
    over_();
    return;
  }
  auto& fresh = new_batch(net::batch::max_slots);
  for (size_t i = 0; i < net::batch::max_slots; ++i) {
    auto& slot = open_slot(fresh);
    auto& packet = questions_[next_];
    next_ = next_ + 1 == questions_.size() ? 0 : next_ + 1;
    admit(fresh, slot, dns::parse_query(packet, slot.query), packet);
  }
  deliver(fresh);
}

memory_endpoint::mark memory_endpoint::take_mark() const noexcept {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return {answered_, static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec)};
}

} // namespace troupe::bench
