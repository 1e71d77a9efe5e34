// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace troupe::zone {

/// An immutable hash map: buckets of about 16 to 32 values, chunks of 64 buckets, a directory of chunks. A changed copy
/// shares all but the changed buckets and their chunks, so that one change costs about the same at any size.
/// `Traits` says how a value is found and when one takes another's place:
///   static dns::name_view key(const Value&);        lower-case octets
///   static bool same(const Value&, const Value&);   only asked for equal keys; with more than one value per key
///                                                   it tells them apart
/// Copies are cheap and may be read by any thread; changes are made through an `editor` by one.
template <class Value, class Traits>
class persistent_map {
  /// Hashes stand apart from values: a look-up walks two cache lines of them and then touches one value.
  struct bucket {
    std::vector<uint32_t> hashes;
    std::vector<Value> values;
  };
  static constexpr size_t chunk_size = 64; // buckets
  using chunk = std::array<std::shared_ptr<const bucket>, chunk_size>;
  using chunk_ptr = std::shared_ptr<const chunk>;
  using directory = std::vector<chunk_ptr>;

public:
  class editor;

  size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// The first value of `key`, or null. No allocation; valid as long as this map.
  const Value* find(dns::name_view key) const noexcept {
    const Value* found = nullptr;
    visit(key, [&](const Value& value) {
      found = &value;
      return false;
    });
    return found;
  }

  /// Calls `f(value)` for each value of `key` while it returns true.
  template <class F>
  void visit(dns::name_view key, F&& f) const {
    if (!directory_)
      return;
    const uint32_t hash = dns::hash(key);
    const size_t at = hash & mask_;
    const bucket* b = (*(*directory_)[at / chunk_size])[at % chunk_size].get();
    if (!b)
      return;
    for (size_t i = 0; i < b->hashes.size(); ++i)
      if (b->hashes[i] == hash && matches(b->values[i], key) && !f(b->values[i]))
        return;
  }

  /// Calls `f(value)` for each value, in no order.
  template <class F>
  void for_each(F&& f) const {
    if (directory_)
      for (const chunk_ptr& c : *directory_)
        for (const auto& b : *c)
          if (b)
            for (const Value& value : b->values)
              f(value);
  }

  /// For those who walk over it in steps: calls `f(value)` for each value of bucket `at`, of `buckets()`.
  size_t buckets() const noexcept { return directory_ ? mask_ + 1 : 0; }
  template <class F>
  void for_each_in(size_t at, F&& f) const {
    if (const auto& b = (*(*directory_)[at / chunk_size])[at % chunk_size])
      for (const Value& value : b->values)
        f(value);
  }

private:
  static bool matches(const Value& value, dns::name_view key) noexcept {
    const dns::name_view own = Traits::key(value);
    return own.size() == key.size() && std::equal(own.begin(), own.end(), key.begin());
  }

  std::shared_ptr<const directory> directory_;
  size_t mask_ = 0; // number of buckets - 1
  size_t size_ = 0;
};

/// Makes a changed map. Each bucket and each chunk is copied at most once. Thread: one.
template <class Value, class Traits>
class persistent_map<Value, Traits>::editor {
public:
  explicit editor(const persistent_map& from) : mask_(from.mask_), size_(from.size_) {
    if (from.directory_)
      chunks_ = *from.directory_;
    else
      chunks_.push_back(std::make_shared<const chunk>());
    own_.resize(chunks_.size());
  }

  /// Puts `value` in, in place of a `same` one of its key if there is one.
  void put(Value value) {
    const dns::name_view key = Traits::key(value);
    const uint32_t hash = dns::hash(key);
    bucket& b = writable(hash);
    for (size_t i = 0; i < b.hashes.size(); ++i)
      if (b.hashes[i] == hash && matches(b.values[i], key) && Traits::same(b.values[i], value)) {
        b.values[i] = std::move(value);
        return;
      }
    b.hashes.push_back(hash);
    b.values.push_back(std::move(value));
    if (++size_ > (mask_ + 1) * most_per_bucket)
      resize((mask_ + 1) * 2);
  }

  /// Takes away the first value of `key` for which `is(value)`; false if there is none. Others of the key keep their
  /// order.
  template <class F>
  bool erase_if(dns::name_view key, F&& is) {
    const uint32_t hash = dns::hash(key);
    const auto& at = (*chunks_[(hash & mask_) / chunk_size])[(hash & mask_) % chunk_size];
    for (size_t i = 0; at && i < at->hashes.size(); ++i)
      if (at->hashes[i] == hash && matches(at->values[i], key) && is(at->values[i])) {
        bucket& b = writable(hash);
        b.hashes.erase(b.hashes.begin() + static_cast<std::ptrdiff_t>(i));
        b.values.erase(b.values.begin() + static_cast<std::ptrdiff_t>(i));
        if (--size_ * 4 < mask_ + 1 && mask_ != 0)
          resize((mask_ + 1) / 2);
        return true;
      }
    return false;
  }

  bool erase(dns::name_view key) {
    return erase_if(key, [](const Value&) { return true; });
  }

  persistent_map build() && {
    for (const owned& o : own_)
      for (size_t i = 0; o.writable && i < chunk_size; ++i)
        if (o.buckets >> i & 1) {
          bucket& b = const_cast<bucket&>(*(*o.writable)[i]); // made below, not const itself
          b.hashes.shrink_to_fit();
          b.values.shrink_to_fit();
        }
    persistent_map made;
    made.size_ = size_;
    made.mask_ = mask_;
    made.directory_ = std::make_shared<const directory>(std::move(chunks_));
    return made;
  }

private:
  static constexpr size_t most_per_bucket = 32; // on average, before the number of buckets doubles

  struct owned {
    chunk* writable = nullptr; // the chunk, if nobody else has seen it
    uint64_t buckets = 0;      // those of its buckets that nobody else has seen
  };
  static_assert(chunk_size <= 64);

  bucket& writable(uint32_t hash) {
    const size_t at = hash & mask_, slot = at % chunk_size;
    owned& own = own_[at / chunk_size];
    if (!own.writable) {
      auto copy = std::make_shared<chunk>(*chunks_[at / chunk_size]);
      own.writable = copy.get();
      chunks_[at / chunk_size] = std::move(copy);
    }
    auto& place = (*own.writable)[slot];
    if (!(own.buckets >> slot & 1)) {
      auto copy = std::make_shared<bucket>();
      if (place) {
        copy->hashes.reserve(place->hashes.size() + 1);
        copy->values.reserve(place->values.size() + 1);
        copy->hashes = place->hashes;
        copy->values = place->values;
      }
      place = std::move(copy);
      own.buckets |= uint64_t{1} << slot;
    }
    return const_cast<bucket&>(*place);
  }

  void resize(size_t buckets) {
    directory old((buckets + chunk_size - 1) / chunk_size);
    for (chunk_ptr& c : old)
      c = std::make_shared<const chunk>();
    old.swap(chunks_);
    own_.assign(chunks_.size(), {});
    mask_ = buckets - 1;
    for (const chunk_ptr& c : old)
      for (const auto& b : *c)
        for (size_t i = 0; b && i < b->hashes.size(); ++i) {
          bucket& to = writable(b->hashes[i]);
          to.hashes.push_back(b->hashes[i]);
          to.values.push_back(b->values[i]);
        }
  }

  directory chunks_;
  std::vector<owned> own_;
  size_t mask_;
  size_t size_;
};

} // namespace troupe::zone
