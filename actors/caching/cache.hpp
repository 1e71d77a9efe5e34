// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/caching/caches.hpp"
#include "actors/questions/lost_questions.hpp"
#include "actors/questions/question_key.hpp"
#include "actors/questions/waiting_slots.hpp"
#include "messages/cache.hpp"
#include "net/cache_table.hpp"

namespace troupe {

/// A cache on one loop (design part 5): answers its loop's questions from what it owns and from copies of what other
/// loops own; holds single flight, prefetch and stale answers for the names it owns. A miss is asked, on the loop of
/// who asked first, through the stages behind the cache as a question of the server's own. Owns: its tables, waiting
/// slots. Pinned. Restarts: its share of the cache is empty; its slots are sent again.
class cache final : public pinned<cache_actor> {
public:
  static constexpr size_t copies = 1024; ///< of other loops' entries, per side

  cache(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
        cache_on_loop& part);

  const char* name() const override { return "cache"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  /// A question that is being fetched.
  struct flight {
    shared_query question;
    bool refresh = false;
    bool whole = false;    ///< those who wait want no truncated answer
    bool flushed = false;  ///< meanwhile; what comes is not kept
    net::cache_item stale; ///< what may be said if it fails; no reply: nothing
    std::vector<reply_token<cache_told>> waiting;
    size_t told = 0;   ///< of those who wait, how many were told to fetch, one after the other
    bool late = false; ///< `verify` has taken too long: nobody waits for it any more
    net::loop::timer_id timer = 0;

    question_key key() const { return key_of(*question, whole); }
  };
  static question_key key_of(const dns::query& q, bool whole) {
    return {q, recursion_desired_bit | checking_disabled_bit, whole};
  }
  /// A flush that is under way: removing much takes several steps.
  struct flush {
    dns::name zone;
    net::time_point before;
  };

  struct tables {
    tables(const cache_group& group, net::cache_counters& counters);
    bool forget(const dns::name& zone, net::time_point before, size_t most);

    net::cache_counters copies_counters; ///< not shown: entries are counted where they are owned
    net::cache_table owned, copies;      ///< copies are of use while they are fresh; then the owner knows better
  };

  // The front's side.
  void on_queries(queries& message);
  bool answer_at_once(net::batch& home, net::slot& slot, const net::cache_found& found);
  void ask_owner(uint64_t token, const waiting_slots::entry& one, std::optional<net::time_point> refresh);
  void on_told(cache_told& message);
  void fetch(const net::slot& for_, const net::plan_ptr& plan, const shared_query& question, const cache_lease& lease);
  void on_again(unsigned losses);

  // The owner's side.
  void on_ask(cache_ask& message);
  void on_fetched(cache_fetched& message);
  void on_verified_too_late(uint64_t token);
  uint64_t begin(const shared_query& question, bool whole, bool refresh, const net::cache_item* stale);
  void have_fetched(uint64_t token, flight& lookup);
  void end(uint64_t token, const cache_fetched& fetched);
  void answer_stale(flight& lookup, const cache_fetched& failed);
  cache_lease lease_for(uint64_t flight) const;
  net::cache_stored keep(const flight& lookup, const dns::kept_reply_ptr& reply);

  void on_flush(cache_flush& message);
  void on_forget();

  net::time_point now() const { return home() ? home()->loop.now() : net::time_point{}; }
  bool owns(const dns::query& q) const noexcept { return part_.group.owner_of(q) == loop_; }

  cache_on_loop& part_;
  const size_t loop_;
  std::unique_ptr<tables> known_;
  net::cache_table &owned_, &copies_;
  waiting_slots waiting_;
  lost_questions lost_;
  uint64_t last_flight_ = 0;
  uint64_t flushes_ = 0; ///< number of the latest that came here
  std::vector<flush> flushing_;
  boost::unordered_flat_map<uint64_t, std::unique_ptr<flight>> flights_;
  boost::unordered_flat_map<question_key, uint64_t> by_question_;
};

} // namespace troupe
