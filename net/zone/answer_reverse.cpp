// SPDX-License-Identifier: Apache-2.0
#include "net/zone/answer_parts.hpp"
#include "net/zone/pointers.hpp"

namespace troupe::zone {

outcome answer_reverse(const question& q, const world& w, dns::response& out) {
  if (w.how.external)
    return answer_external_reverse(q, w, out);
  pointers found{q.address, w};
  if (!found.known())
    return outcome::name_error;
  if (q.type() != dns::rrtype::ptr)
    return outcome::nodata;
  out.authoritative();
  while (const auto target = found.next())
    if (!out.name_data(dns::section::answer, question_name(q), dns::rrtype::ptr, w.how.ttl,
                       {target->wire().first(target->size() - 1), 0}))
      break;
  return outcome::answered;
}

} // namespace troupe::zone
