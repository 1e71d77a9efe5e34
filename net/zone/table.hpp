// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/persistent_map.hpp"
#include "net/zone/published.hpp"
#include "net/zone/service_records.hpp"

#include <atomic>

namespace troupe::zone {

inline dns::name_view octets_of(std::string_view text) noexcept {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string_view text_of(dns::name_view octets) noexcept {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

struct by_service_label {
  static dns::name_view key(const service_records_ptr& r) noexcept { return octets_of(r->label()); }
  static bool same(const service_records_ptr&, const service_records_ptr&) noexcept { return true; }
};

/// One namespace's answers: service label -> records. Immutable, shared, any thread.
using table = persistent_map<service_records_ptr, by_service_label>;
using table_ptr = std::shared_ptr<const table>;

/// The place where a namespace's keeper publishes and its zone servers read. Outlives the actors on both sides: a new
/// keeper goes on with the table that the last one left here.
struct namespace_cell {
  explicit namespace_cell(std::string namespace_) : name(std::move(namespace_)) {}

  const std::string name;          ///< lower-case label
  std::atomic<bool> exists{false}; ///< the Namespace object is there; written by the owner of the root
  std::atomic<bool> gone{false};   ///< taken out of the root: who serves it ends, and another cell may have its name
  published<table> tables;         ///< null until the keeper's first build
  published<table> imports;        ///< the same of ServiceImports; null without `multicluster`

  published<table>& of(bool imported) noexcept { return imported ? imports : tables; }
  const published<table>& of(bool imported) const noexcept { return imported ? imports : tables; }
};

using namespace_cell_ptr = std::shared_ptr<namespace_cell>;

} // namespace troupe::zone
