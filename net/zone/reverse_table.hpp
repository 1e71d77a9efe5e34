// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/compact_ptr.hpp"
#include "net/zone/table.hpp"

#include <array>
#include <string>

namespace troupe::zone {

/// Whose an address is.
struct reverse_owner {
  std::string namespace_, service;
  bool operator==(const reverse_owner&) const = default;
};

/// The names of an endpoint that are not made from its address.
struct reverse_names {
  std::string hostname, pod;
  bool operator==(const reverse_names&) const = default;
};

/// One address of one service.
struct reverse_row {
  enum class kind : uint8_t { endpoint, cluster_ip, external };

  compact_ptr<reverse_owner> owner;
  compact_ptr<reverse_names> names; ///< null: neither hostname nor pod name
  kube::address address;
  kind type = kind::endpoint;
};

/// A row as the table shows it; valid as long as the table. Two are equal if they are the same row.
struct reverse_view {
  const reverse_owner* owner;
  const reverse_names* names;
  kube::address address;
  reverse_row::kind type;

  bool operator==(const reverse_view&) const = default;
};

/// Address -> rows of all services that own it, a set. External addresses stand apart: only `k8s_external` asks for
/// them. Immutable, published, any thread. IPv4 has a map of its own, since there is nothing of which a cluster has
/// more than such rows.
class reverse_table {
  template <size_t Octets>
  struct row {
    compact_ptr<reverse_owner> owner;
    compact_ptr<reverse_names> names;
    std::array<uint8_t, Octets + 1> key; ///< address, then whether it is external
    bool cluster_ip;

    reverse_row::kind type() const noexcept {
      using kind = reverse_row::kind;
      return key[Octets] != 0 ? kind::external : cluster_ip ? kind::cluster_ip : kind::endpoint;
    }
  };
  static_assert(sizeof(row<4>) == 24);

  template <size_t Octets>
  struct by_address {
    static dns::name_view key(const row<Octets>& r) noexcept { return r.key; }
    static bool same(const row<Octets>& a, const row<Octets>& b) noexcept;
  };
  template <size_t Octets>
  using map = persistent_map<row<Octets>, by_address<Octets>>;

public:
  class editor;

  size_t size() const noexcept { return v4_.size() + v6_.size(); }
  bool empty() const noexcept { return size() == 0; }

  /// Calls `f(view)` for each endpoint and cluster IP at `address` while it returns true. No allocation.
  template <class F>
  void visit(const kube::address& address, F&& f) const {
    find(address, false, f);
  }
  /// The same for external addresses.
  template <class F>
  void visit_external(const kube::address& address, F&& f) const {
    find(address, true, f);
  }

  /// Calls `f(view)` for each row, in no order.
  template <class F>
  void for_each(F&& f) const {
    v4_.for_each([&](auto& r) { f(view(r)); });
    v6_.for_each([&](auto& r) { f(view(r)); });
  }

  /// For those who walk over it in steps: calls `f(view)` for each row of bucket `at`, of `buckets()`. All rows of an
  /// address are in one bucket.
  size_t buckets() const noexcept { return v4_.buckets() + v6_.buckets(); }
  template <class F>
  void for_each_in(size_t at, F&& f) const {
    if (at < v4_.buckets())
      v4_.for_each_in(at, [&](auto& r) { f(view(r)); });
    else
      v6_.for_each_in(at - v4_.buckets(), [&](auto& r) { f(view(r)); });
  }

private:
  template <size_t Octets>
  static reverse_view view(const row<Octets>& r) noexcept {
    reverse_view out{r.owner.get(), r.names.get(), {}, r.type()};
    std::copy_n(r.key.begin(), Octets, out.address.octets.begin());
    out.address.v6 = Octets == 16;
    return out;
  }

  template <size_t Octets>
  static std::array<uint8_t, Octets + 1> key_of(const kube::address& address, bool external) noexcept {
    std::array<uint8_t, Octets + 1> key;
    std::copy_n(address.octets.begin(), Octets, key.begin());
    key[Octets] = external ? 1 : 0;
    return key;
  }

  template <class F>
  void find(const kube::address& address, bool external, F& f) const {
    const auto each = [&](auto& r) { return f(view(r)); };
    if (address.v6)
      v6_.visit(key_of<16>(address, external), each);
    else
      v4_.visit(key_of<4>(address, external), each);
  }

  map<4> v4_;
  map<16> v6_;
};

using reverse_table_ptr = std::shared_ptr<const reverse_table>;

/// Makes a changed table. Thread: one.
class reverse_table::editor {
public:
  explicit editor(const reverse_table& from) : v4_(from.v4_), v6_(from.v6_) {}

  void put(const reverse_row& row); ///< changes nothing if it is there
  void erase(const reverse_row& row);
  reverse_table build() &&;

private:
  map<4>::editor v4_;
  map<16>::editor v6_;
};

/// Throws std::logic_error if the table is not whole.
void verify(const reverse_table& table);

} // namespace troupe::zone
