// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/log.hpp"
#include "actors/runtime/pinned.hpp"

#include <exception>
#include <memory>
#include <string>

namespace troupe {

/// `last`, if the restarted owner of a table can go on from it: lives that began with it did not end at once, and it is
/// whole, which is when `verify` does not throw. Else null, and the log says why. `what`: "the table of pods".
template <class Table, class Verify>
std::shared_ptr<const Table> usable_table(std::shared_ptr<const Table> last, const actor_stats& stats, Verify&& verify,
                                          const std::string& what) {
  if (!last || stats.distrusted)
    return nullptr;
  try {
    use_of(last.get());
    verify(*last);
    return last;
  } catch (const std::exception& e) {
    log::error("plugin/kubernetes: {} is not whole and is made anew: {}", what, e.what());
    return nullptr;
  }
}

} // namespace troupe
