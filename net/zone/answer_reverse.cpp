// SPDX-License-Identifier: Apache-2.0
#include "net/zone/answer_parts.hpp"
#include "net/zone/pointers.hpp"

namespace troupe::zone {

outcome answer_reverse(const question& q, const answer_context& w, dns::response& out) {
  if (w.options.external)
    return answer_external_reverse(q, w, out);
  const bool wanted = q.type() == dns::rrtype::ptr;
  const auto write = [&](const std::optional<dns::name>& target) {
    return target && out.name_data(dns::section::answer, question_name(q), dns::rrtype::ptr, w.options.ttl,
                                   {target->wire().first(target->size() - 1), 0});
  };
  if (const reverse_owner* service = service_at(q.address, w)) {
    if (wanted)
      write(name_of(*service, w));
  } else {
    pointers found{q.address, w};
    if (!found.known())
      return outcome::name_error;
    while (wanted && write(found.next())) {
    }
  }
  if (!wanted)
    return outcome::implied;
  out.authoritative();
  return outcome::answered;
}

} // namespace troupe::zone
