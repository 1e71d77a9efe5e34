// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/reverse.hpp"
#include "net/zone/table.hpp"

#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace troupe::zone {

/// The objects of one namespace, and the table made from them. Thread: one.
///
/// Changes only mark services; `build` makes records for those and shares the rest with the table before. All the
/// objects kept are reachable from the table, so a keeper that starts from the last published one knows what its
/// predecessor knew. Objects of other namespaces or kinds are ignored.
class keeper {
public:
  struct built {
    table_ptr table;                     ///< null: nothing changed
    std::vector<reverse_change> reverse; ///< what the change means for addresses
    bool alters_dns = false;             ///< the SOA serial moves on: what the zone says is not the same
  };

  explicit keeper(std::string namespace_) : keeper(std::move(namespace_), nullptr, kube::kept::all()) {}
  keeper(std::string namespace_, table_ptr last, const kube::kept& keep);

  void apply(const kube::change& change);

  /// A list of `resource` (service or endpoint_slice) starts. Nothing is taken away before its end; a list that begins
  /// again drops the marks of the one that was cut off.
  void list_begin(kube::resource resource);
  void list_end(kube::resource resource);

  /// What the Service of that name is as of the last change; nothing: there is none.
  std::optional<kube::service::kind> kind_of(const std::string& service) const;

  bool dirty() const noexcept { return !touched_.empty() || alters_dns_; }
  built build();

  /// Throws std::logic_error if the table is not whole.
  static void verify(const table& services);

  /// All rows, for a reverse keeper that lost them; as of the last build.
  std::vector<reverse_row> reverse_rows() const;

  const std::string& name() const noexcept { return namespace_; }
  const table_ptr& current() const noexcept { return current_; } ///< as of the last build, never null
  size_t slices() const noexcept { return slices_.size(); }

private:
  struct work {
    service_part_ptr service;
    std::vector<slice_part_ptr> slices; // by name
  };
  struct slice_hash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>{}(name); }
    size_t operator()(const slice_part_ptr& s) const noexcept { return (*this)(std::string_view{s->name}); }
  };
  struct slice_equal {
    using is_transparent = void;
    static std::string_view name(const slice_part_ptr& s) noexcept { return s->name; }
    static std::string_view name(std::string_view s) noexcept { return s; }
    bool operator()(const auto& a, const auto& b) const noexcept { return name(a) == name(b); }
  };

  void upsert(const kube::service& service);
  void upsert(const kube::endpoint_slice& slice);
  void remove_service(const std::string& name);
  void remove_slice(const std::string& name);
  void take_out(const slice_part_ptr& slice);
  work& touch(const std::string& service);

  std::string namespace_;
  kube::kept keep_;
  table_ptr current_;
  std::unordered_map<std::string, work> touched_;
  std::unordered_set<slice_part_ptr, slice_hash, slice_equal> slices_;
  bool alters_dns_ = false;
  uint32_t service_list_ = 0, slice_list_ = 0; ///< number of the running list; 0: none
};

} // namespace troupe::zone
