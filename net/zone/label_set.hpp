// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <vector>

namespace troupe::zone {

/// Runs of labels, each once, numbered as they come. Exact, and of the same cost for each whatever they are; without a
/// hash table for few. Thread: one.
class label_set {
public:
  label_set() : many_(0, by_hash{this}, same{this}) {}
  label_set(const label_set&) = delete;
  label_set& operator=(const label_set&) = delete;

  struct place {
    uint32_t number;
    bool is_new;
  };
  place add(dns::name_view labels);

  size_t size() const noexcept { return entries_.size(); }
  dns::name_view operator[](size_t number) const noexcept {
    const entry& e = entries_[number];
    return dns::name_view{octets_}.subspan(e.at, e.size);
  }

private:
  static constexpr size_t few = 8;

  struct entry {
    uint32_t hash, at;
    uint32_t size;
  };
  struct by_hash {
    using is_avalanching = void;
    const label_set* set;
    size_t operator()(uint32_t n) const noexcept { return set->entries_[n].hash * size_t{0x9e3779b97f4a7c15}; }
  };
  struct same {
    const label_set* set;
    bool operator()(uint32_t a, uint32_t b) const noexcept { return a == b || set->equal(a, b); }
  };

  bool equal(uint32_t a, uint32_t b) const noexcept;

  std::vector<uint8_t> octets_;
  std::vector<entry> entries_;
  boost::unordered_flat_set<uint32_t, by_hash, same> many_; ///< empty while there are few
};

} // namespace troupe::zone
