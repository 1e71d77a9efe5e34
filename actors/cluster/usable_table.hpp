// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/log.hpp"
#include "actors/runtime/pinned.hpp"
#include "net/zone/published.hpp"

#include <exception>
#include <memory>
#include <string>

namespace troupe {

/// `last`, if the restarted owner of a table can go on from it: lives that began with it did not end at once, and it is
/// whole, which is when `verify` does not throw. Else null, and the log says why. `description`: "the table of pods".
template <class Table, class Verify>
std::shared_ptr<const Table> usable_table(std::shared_ptr<const Table> last, const actor_stats& stats, Verify&& verify,
                                          const std::string& description) {
  if (!last || stats.distrusted)
    return nullptr;
  try {
    use_of(last.get());
    verify(*last);
    return last;
  } catch (const std::exception& e) {
    log::error("plugin/kubernetes: {} is not whole and is made anew: {}", description, e.what());
    return nullptr;
  }
}

/// What builds on `last` if that can be gone on from, else on nothing.
template <class Builder, class Table>
Builder begin_with(std::shared_ptr<const Table> last, const actor_stats& stats, const std::string& description) {
  const auto whole = usable_table(
    std::move(last), stats, [](auto& table) { verify(table); }, description);
  return whole ? Builder{*whole} : Builder{};
}

/// Throws unless the table published last is whole.
template <class Table>
void verify_published(const zone::published<Table>& cell) {
  const auto last = cell.snapshot();
  use_of(last.get());
  verify(*last);
}

} // namespace troupe
