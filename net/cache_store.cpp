// SPDX-License-Identifier: Apache-2.0
#include "net/cache_store.hpp"

#include <bit>
#include <new>

namespace troupe::net {

namespace {

constexpr size_t allocations_octets = 64; // malloc's own, for an entry, its name, and the reply's three

/// No more entries than this fit the octets, whatever the configuration asks for.
size_t bounded(size_t max_entries, size_t max_octets) noexcept {
  return std::min(max_entries,
                  max_octets / (sizeof(cache_store::entry) + sizeof(dns::kept_reply) + allocations_octets));
}

} // namespace

size_t cache_store::entry::octets() const noexcept {
  return sizeof *this + key.octets() + item.reply->octets() + allocations_octets;
}

cache_store::cache_store(size_t max_entries, size_t max_octets, uint64_t stale_seconds)
  : max_entries_(bounded(max_entries, max_octets)), max_octets_(max_octets), stale_seconds_(stale_seconds),
    mask_(std::bit_ceil(max_entries_ * 3 / 2 + 2) - 1),
    slots_(static_cast<slot*>(std::calloc(mask_ + 1, sizeof(slot)))) {
  if (!slots_)
    throw std::bad_alloc{};
}

cache_store::~cache_store() {
  while (oldest_)
    delete std::exchange(oldest_, oldest_->newer);
}

size_t cache_store::slot_of(const cache_question& q) const noexcept {
  size_t at = q.hash & mask_;
  while (slots_[at].occupant && !(slots_[at].hash == q.hash && slots_[at].occupant->key.matches(q)))
    at = (at + 1) & mask_;
  return at;
}

/// Closes the gap: whoever probed past it moves up, so that no marks of the deleted are needed.
void cache_store::free_slot(size_t at) noexcept {
  for (size_t next = (at + 1) & mask_; slots_[next].occupant; next = (next + 1) & mask_) {
    const size_t from_home = (next - slots_[next].hash) & mask_;
    if (from_home >= ((next - at) & mask_)) {
      slots_[at] = slots_[next];
      at = next;
    }
  }
  slots_[at] = {};
}

cache_store::entry* cache_store::find(const cache_question& q) noexcept {
  return slots_[slot_of(q)].occupant;
}

cache_store::entry* cache_store::insert(const cache_question& q, cache_item item, time_point now) {
  if (entry* e = find(q)) {
    octets_ -= e->item.reply->octets();
    octets_ += item.reply->octets();
    e->item = std::move(item);
    if (octets_ <= max_octets_)
      return e;
    item = e->item; // grown over the limit: comes in as a new one
    remove(e);
  }
  auto fresh = std::make_unique<entry>(q, std::move(item));
  const size_t octets = fresh->octets();
  if (octets > max_octets_ || max_entries_ == 0)
    return nullptr;
  while (size_ >= max_entries_ || octets_ + octets > max_octets_)
    evict(now);

  entry* e = fresh.release();
  slots_[slot_of(q)] = {q.hash, e};
  e->older = newest_;
  (newest_ ? newest_->newer : oldest_) = e;
  newest_ = e;
  octets_ += octets;
  ++size_;
  return e;
}

bool cache_store::erase(const cache_question& q) noexcept {
  entry* e = find(q);
  if (e)
    remove(e);
  return e != nullptr;
}

void cache_store::evict(time_point now) noexcept {
  entry* e = hand_ ? hand_ : oldest_;
  for (size_t step = 0; step < hand_steps && e->used && !dead(*e, now); ++step) {
    e->used = false;
    e = e->newer ? e->newer : oldest_;
  }
  hand_ = e; // `remove` moves it on
  evictions_ += !dead(*e, now);
  remove(e);
}

bool cache_store::forget(dns::name_view zone, time_point before, size_t most) noexcept {
  for (entry* e = oldest_; e;) {
    entry* const next = e->newer;
    if (e->item.stored <= before && dns::is_subdomain(e->key.name(), zone)) {
      if (most-- == 0)
        return true;
      remove(e);
    }
    e = next;
  }
  return false;
}

void cache_store::sweep(time_point now, size_t steps) noexcept {
  for (steps = std::min(steps, size_); steps > 0; --steps) {
    entry* e = broom_ ? broom_ : oldest_;
    broom_ = e->newer;
    if (dead(*e, now))
      remove(e);
  }
}

void cache_store::remove(entry* e) noexcept {
  size_t at = e->key.hash() & mask_;
  while (slots_[at].occupant != e)
    at = (at + 1) & mask_;
  free_slot(at);

  (e->older ? e->older->newer : oldest_) = e->newer;
  (e->newer ? e->newer->older : newest_) = e->older;
  if (hand_ == e)
    hand_ = e->newer;
  if (broom_ == e)
    broom_ = e->newer;
  octets_ -= e->octets();
  --size_;
  delete e;
}

} // namespace troupe::net
