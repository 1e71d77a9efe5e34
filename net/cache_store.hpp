// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/cache_key.hpp"
#include "net/cache_rules.hpp"

#include <cstdlib>
#include <memory>
#include <utility>

namespace troupe::net {

/// One side of a cache: entries under their whole keys, bounded in number and octets. One thread.
///
/// Who goes when it is full: SIEVE (Zhang et al., NSDI 2024). Entries stand in the order they came; a hand walks from
/// the oldest to the newest, forgives those used since it last came by, and takes the first that was not, so a flood of
/// names asked once goes through without pushing out those asked again. Two changes: what is dead goes on sight, and
/// after `hand_steps` forgiven in a row the next one goes anyway, so that no call walks far.
///
/// Cost: a constant number of steps each, but for `insert`, which throws out as many entries as the new one's octets
/// ask for. Nothing is ever rehashed: the index has its full size from the start.
class cache_store {
public:
  struct entry {
    entry(const cache_question& q, cache_item i) : key(q), item(std::move(i)) {}

    const cache_key key;
    cache_item item;
    bool used = false;         ///< since the hand last came by
    bool refreshing = false;   ///< somebody fetches it; not believed beyond `next_refresh`
    time_point next_refresh{}; ///< none before
    time_point last_asked{};   ///< for prefetch, as `asks`
    uint32_t asks = 0;

    size_t octets() const noexcept; ///< all that it costs, reply included

  private:
    friend class cache_store;
    entry* older = nullptr;
    entry* newer = nullptr;
  };

  static constexpr size_t hand_steps = 32;

  /// `stale_seconds`: how long past its TTL an entry is still of use.
  cache_store(size_t max_entries, size_t max_octets, uint64_t stale_seconds);
  ~cache_store();
  cache_store(const cache_store&) = delete;
  cache_store& operator=(const cache_store&) = delete;

  /// Null if there is none. Alive until the next insert, erase or sweep.
  entry* find(const cache_question& q) noexcept;

  /// Puts `item` in, in place of what stood under the key; the rest of that entry stays as it was. Null if the item
  /// alone is over the limits.
  entry* insert(const cache_question& q, cache_item item, time_point now);

  /// True if there was one.
  bool erase(const cache_question& q) noexcept;

  /// Takes out entries at and below `zone` that were stored no later than `before`, at most `most` of them. True if it
  /// stopped there, and there may be more. Walks over all entries.
  bool forget(dns::name_view zone, time_point before, size_t most) noexcept;

  /// Looks at the next `steps` entries and takes out the dead.
  void sweep(time_point now, size_t steps) noexcept;

  size_t size() const noexcept { return size_; }
  size_t octets() const noexcept { return octets_; } ///< of the entries
  uint64_t take_evictions() noexcept {
    return std::exchange(evictions_, 0);
  } ///< entries thrown out alive since last asked

private:
  struct slot {
    uint64_t hash = 0;
    entry* occupant = nullptr;
  };

  size_t slot_of(const cache_question& q) const noexcept; // where it is, or the free slot where it would be
  void free_slot(size_t at) noexcept;
  bool dead(const entry& e, time_point now) const noexcept { return !e.item.usable(now, stale_seconds_); }
  void evict(time_point now) noexcept;
  void remove(entry* e) noexcept;

  const size_t max_entries_;
  const size_t max_octets_;
  const uint64_t stale_seconds_;
  struct freed {
    void operator()(void* memory) const noexcept { std::free(memory); }
  };

  // Open addressing with linear probing; a power of two, at most two thirds full. From calloc: what was never used
  // takes no memory.
  const size_t mask_;
  const std::unique_ptr<slot[], freed> slots_;
  entry* oldest_ = nullptr;
  entry* newest_ = nullptr;
  entry* hand_ = nullptr;  // null: at the oldest
  entry* broom_ = nullptr; // likewise, of `sweep`
  size_t size_ = 0;
  size_t octets_ = 0;
  uint64_t evictions_ = 0;
};

} // namespace troupe::net
