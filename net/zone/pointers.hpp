// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/answer.hpp"
#include "net/zone/label_set.hpp"

#include <vector>

namespace troupe::zone {

/// The names that an address's PTR records say, one after the other, each once: of the first service that has it as its
/// own, else of all endpoints there. Allocates nothing for a service. Not for use outside net/zone. Thread: one.
class pointers {
public:
  /// What `w` refers to must outlive this.
  pointers(const kube::address& address, const world& w);

  bool known(); ///< the address is somebody's whom the stanza shows
  /// Nothing: those were all.
  std::optional<dns::name> next();

private:
  bool is_shown(const reverse_owner& owner);
  std::optional<dns::name> target_of(const reverse_view& row);

  const world w_;
  const bool hides_; ///< some namespaces
  const reverse_owner* service_ = nullptr;
  std::vector<reverse_view> endpoints_;
  size_t at_ = 0;                 ///< in endpoints_
  std::optional<label_set> said_; ///< if there are several
  std::string_view namespace_;    ///< that was asked about last, and
  bool shown_ = false;            ///< what came of it
};

} // namespace troupe::zone
