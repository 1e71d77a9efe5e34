// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <memory>
#include <vector>

namespace troupe::zone {

/// An immutable hash map in two levels: a vector of buckets of about 16 to 32 values. A changed copy shares every bucket
/// but the changed ones. `Traits` says how a value is found and when one takes another's place:
///   static dns::name_view key(const Value&);        lower-case octets
///   static bool same(const Value&, const Value&);   only asked for equal keys; with more than one value per key
///                                                   it tells them apart
/// Copies are cheap and may be read by any thread; changes are made through an `editor` by one.
template <class Value, class Traits>
class persistent_map {
  struct entry {
    uint32_t hash;
    Value value;
  };
  using bucket = std::vector<entry>;
  using bucket_ptr = std::shared_ptr<const bucket>;
  using directory = std::vector<bucket_ptr>;

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
    const bucket_ptr& at = (*directory_)[hash & (directory_->size() - 1)];
    if (!at)
      return;
    for (const entry& e : *at)
      if (e.hash == hash && matches(e.value, key) && !f(e.value))
        return;
  }

  /// Calls `f(value)` for each value, in no order.
  template <class F>
  void for_each(F&& f) const {
    if (directory_)
      for (const bucket_ptr& b : *directory_)
        if (b)
          for (const entry& e : *b)
            f(e.value);
  }

private:
  static bool matches(const Value& value, dns::name_view key) noexcept {
    const dns::name_view own = Traits::key(value);
    return own.size() == key.size() && std::equal(own.begin(), own.end(), key.begin());
  }

  std::shared_ptr<const directory> directory_;
  size_t size_ = 0;
};

/// Makes a changed map. Each bucket is copied at most once, the directory once. Thread: one.
template <class Value, class Traits>
class persistent_map<Value, Traits>::editor {
public:
  explicit editor(const persistent_map& from) : size_(from.size_) {
    if (from.directory_)
      buckets_ = *from.directory_;
    else
      buckets_.resize(1);
    own_.resize(buckets_.size());
  }

  /// Puts `value` in, in place of a `same` one of its key if there is one.
  void put(Value value) {
    const dns::name_view key = Traits::key(value);
    const uint32_t hash = dns::hash(key);
    bucket& b = writable(hash);
    for (entry& e : b)
      if (e.hash == hash && matches(e.value, key) && Traits::same(e.value, value)) {
        e.value = std::move(value);
        return;
      }
    b.push_back({hash, std::move(value)});
    if (++size_ > buckets_.size() * most_per_bucket)
      resize(buckets_.size() * 2);
  }

  /// Takes away the value that `is(value)` of those of `key`; false if there is none.
  template <class F>
  bool erase_if(dns::name_view key, F&& is) {
    const uint32_t hash = dns::hash(key);
    const bucket_ptr& at = buckets_[hash & (buckets_.size() - 1)];
    if (!at)
      return false;
    for (size_t i = 0; i < at->size(); ++i)
      if ((*at)[i].hash == hash && matches((*at)[i].value, key) && is((*at)[i].value)) {
        bucket& b = writable(hash);
        b.erase(b.begin() + static_cast<std::ptrdiff_t>(i)); // order within a key is kept
        if (--size_ * 4 < buckets_.size() && buckets_.size() > 1)
          resize(buckets_.size() / 2);
        return true;
      }
    return false;
  }

  bool erase(dns::name_view key) {
    return erase_if(key, [](const Value&) { return true; });
  }

  persistent_map build() && {
    persistent_map made;
    made.size_ = size_;
    made.directory_ = std::make_shared<const directory>(std::move(buckets_));
    return made;
  }

private:
  static constexpr size_t most_per_bucket = 32; // on average, before the directory doubles

  bucket& writable(uint32_t hash) {
    const size_t i = hash & (buckets_.size() - 1);
    if (!own_[i]) {
      own_[i] = buckets_[i] ? std::make_shared<bucket>(*buckets_[i]) : std::make_shared<bucket>();
      buckets_[i] = own_[i];
    }
    return *own_[i];
  }

  void resize(size_t to) {
    directory old(to);
    old.swap(buckets_);
    own_.assign(to, nullptr);
    for (const bucket_ptr& b : old)
      if (b)
        for (const entry& e : *b)
          writable(e.hash).push_back(e);
  }

  directory buckets_;
  std::vector<std::shared_ptr<bucket>> own_; // those of buckets_ that nobody else has seen
  size_t size_;
};

} // namespace troupe::zone
