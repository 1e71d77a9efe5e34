// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/reverse.hpp"

#include <memory>
#include <string>
#include <unordered_set>

namespace troupe::zone {

/// What is kept of a Pod that has an address.
struct pod_record {
  std::string namespace_, name;
  std::vector<kube::address> addresses;
  std::vector<kube::label> labels; ///< no key twice
};
using pod_record_ptr = std::shared_ptr<const pod_record>;

/// Address, then family (4 or 6).
std::array<uint8_t, 17> address_key(const kube::address& address) noexcept;

/// One address of one pod. Pods of the host's network share theirs with others.
struct pod_row {
  std::array<uint8_t, 17> key{}; ///< address_key
  pod_record_ptr pod;
};

struct by_pod_address {
  static dns::name_view key(const pod_row& row) noexcept { return row.key; }
  static bool same(const pod_row& a, const pod_row& b) noexcept {
    return a.pod->namespace_ == b.pod->namespace_ && a.pod->name == b.pod->name;
  }
};

/// Address -> the pods that have it: for `pods verified`, and to know who asks. Immutable, published, any thread.
using pod_table = persistent_map<pod_row, by_pod_address>;
using pod_table_ptr = std::shared_ptr<const pod_table>;

/// Throws std::logic_error if the table is not whole.
void verify(const pod_table& table);

/// Owns the mutable table of pods. Thread: one.
///
/// A pod with a deletion timestamp keeps what was known of it before, and is not entered if nothing was, as in CoreDNS.
/// One without an address is not kept.
class pod_keeper {
public:
  /// Goes on from what was published (after a restart); the caller should have everything listed once more.
  explicit pod_keeper(const pod_table& last = {});

  void apply(const kube::change& change);
  /// Between the two, pods that are not named are marked; they are gone at the end.
  void list_begin();
  void list_end();

  bool alters_dns() noexcept { return std::exchange(alters_dns_, false); } ///< since the last call
  /// The new table, or null if nothing changed since the last build.
  pod_table_ptr build();
  size_t size() const noexcept { return pods_.size(); }

private:
  struct name_of {
    std::string_view namespace_, name;
    bool operator==(const name_of&) const = default;
  };
  struct hash {
    using is_transparent = void;
    size_t operator()(const name_of& n) const noexcept;
    size_t operator()(const pod_record_ptr& p) const noexcept { return (*this)(name_of{p->namespace_, p->name}); }
  };
  struct equal {
    using is_transparent = void;
    static name_of of(const name_of& n) noexcept { return n; }
    static name_of of(const pod_record_ptr& p) noexcept { return {p->namespace_, p->name}; }
    bool operator()(const auto& a, const auto& b) const noexcept { return of(a) == of(b); }
  };
  using pod_set = std::unordered_set<pod_record_ptr, hash, equal>;

  void upsert(const kube::pod& pod);
  void remove(const pod_record_ptr& pod);

  pod_table current_;
  pod_set pods_;
  std::unordered_set<pod_record_ptr> seen_; ///< in the running list
  bool listing_ = false;
  bool alters_dns_ = false;
  bool changed_ = true;
  struct edit {
    bool added;
    pod_row row;
  };
  std::vector<edit> edits_; ///< since the last build
};

} // namespace troupe::zone
