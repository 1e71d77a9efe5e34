// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/answer.hpp"
#include "net/zone/label_set.hpp"

#include <vector>

namespace troupe::zone {

/// The first service that is shown and has `address` as its own; null: none. Its name is all that PTR records say.
const reverse_owner* service_at(const kube::address& address, const answer_context& w);
/// Nothing if it is too long.
std::optional<dns::name> name_of(const reverse_owner& service, const answer_context& w) noexcept;

/// The names that an address's PTR records say, one after the other, each once: of its service, else of all endpoints
/// there. Not for use outside net/zone. Thread: one.
class pointers {
public:
  /// `w` must outlive this.
  pointers(const kube::address& address, const answer_context& w);

  /// The address is somebody's whom the block shows.
  bool known() { return service_ != nullptr || knows_endpoint(); }
  /// Nothing: those were all.
  std::optional<dns::name> next();

private:
  bool is_shown(const reverse_owner& owner) { return !hides_ || is_exposed(owner); }
  bool is_exposed(const reverse_owner& owner);
  bool knows_endpoint();
  std::optional<dns::name> target_of(const reverse_view& row);

  const answer_context& w_;
  const bool hides_; ///< some namespaces
  const reverse_owner* service_ = nullptr;
  std::vector<reverse_view> endpoints_;
  size_t at_ = 0;                 ///< in endpoints_
  std::optional<label_set> said_; ///< if there are several
  std::string_view namespace_;    ///< that was asked about last, and
  bool shown_ = false;            ///< what came of it
};

} // namespace troupe::zone
