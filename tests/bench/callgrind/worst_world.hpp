// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/answer.hpp"
#include "net/zone/keeper.hpp"

#include <string>

namespace troupe::bench {

/// Tables made from the objects that cost the most, as a tenant of the namespace `n` could create them; read-only once
/// made. Names say what there is thousands of: see the table of questions in worst.cpp.
class worst_world {
public:
  static constexpr size_t many = 5'000, very_many = 10'000;

  worst_world();

  const zone::options how;     ///< of `kubernetes cluster.local other.local clusterset.local 10.in-addr.arpa ip6.arpa`
  const zone::options back;    ///< of a second one, `back.local`
  const zone::options outside; ///< of `k8s_external example.org`

  zone::answer_context view(const zone::options& by) const noexcept { return {by, *root_, *reverse_, stanzas_}; }
  const zone::root& root() const noexcept { return *root_; }
  const zone::published<zone::root>& names() const noexcept { return names_; }
  const zone::published<zone::reverse_table>& addresses() const noexcept { return addresses_; }

private:
  const zone::options* const stanzas_[2];
  zone::root_ptr root_;
  zone::reverse_table_ptr reverse_;
  zone::published<zone::root> names_;
  zone::published<zone::reverse_table> addresses_;
};

} // namespace troupe::bench
