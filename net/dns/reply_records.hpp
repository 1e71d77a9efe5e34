// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/message.hpp"
#include "net/dns/query.hpp"

namespace troupe::dns {

/// Which records of a reply belong to what was asked; one flag for each record of the two sections.
struct reply_records {
  std::vector<bool> answer, authority;
  bool found = false;       ///< the chain ends in records of the type that was asked for
  bool has_soa = false;     ///< a SOA of a zone that the chain's last name lies in was kept
  bool has_ns = false;      ///< a referral was kept
  bool foreign_soa = false; ///< there was one, but only of zones that the chain's last name does not lie in
};

/// Follows the chain from `asked` through the answer section (RFC 1034 section 4.3.2, DNAME: RFC 6672 section 3) and
/// takes of the authority section what denies, proves or refers. Everything else stays unflagged, so that no upstream
/// can slip in records of other names. Whatever is in `reply`, cost is below records times log(records), times a small
/// constant. Thread: any.
reply_records select_records(const message_view& reply, const query& asked);

} // namespace troupe::dns
