// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/response.hpp"
#include "net/zone/pods.hpp"
#include "net/zone/question.hpp"
#include "net/zone/reverse.hpp"
#include "net/zone/root.hpp"

namespace troupe::zone {

enum class outcome : uint8_t {
  answered, ///< records are in the response, AA is set
  nodata,   ///< the name exists, nothing was written: write_negative
  /// As nodata, of a name that CoreDNS denies: it exists for what is below it or for another type. Who falls through
  /// asks on, and takes no NXDOMAIN for it.
  implied,
  name_error, ///< the name does not exist, nothing was written: the caller falls through or calls write_negative
  servfail,   ///< the question cannot be answered, nothing was written
  external    ///< as answered, with a CNAME last whose target lies outside the zone: chase it and append, or leave it;
              ///< or with SRV records whose targets do: ask for their addresses, or leave it
};

/// What answers are made from besides the namespace's own table; all must outlive the call.
struct answer_context {
  const zone::options& options;
  const zone::root& root;
  const zone::reverse_table& reverse;
  /// All blocks of this server that draw from the same cluster, for aliases that lead from one zone to another.
  std::span<const zone::options* const> views{};
  const pod_table* pods = nullptr; ///< for `pods verified`
};

/// The functions below are pure: they read immutable tables and write into the response (made for the same query).
/// None of them throws but for want of memory; ClusterIP answers allocate nothing. Any thread.
/// If `target` is given, `external` leaves there the name to chase.

/// Form `service`, from the namespace's cell and its current table (null counts as empty): of imports if the question
/// is `imported`.
outcome answer_service(const question& q, const namespace_cell& cell, const table* services, const answer_context& w,
                       dns::response& out, dns::name* target = nullptr);

/// Every form but reverse_address. A service question is answered as well (through the cell's current table, with a
/// short lock): that is how names in namespaces that do not exist end.
outcome answer_apex(const question& q, const answer_context& w, dns::response& out, dns::name* target = nullptr);

/// Form `reverse_address`.
outcome answer_reverse(const question& q, const answer_context& w, dns::response& out);

/// Makes an empty response of `result`: NOERROR for nodata and implied, NXDOMAIN for name_error (SERVFAIL while the
/// root is not synced), each with AA and the zone's SOA in authority (RFC 2308 sections 2 and 5), whose TTL and minimum
/// are the block's ttl; SERVFAIL alone for servfail. `out` must hold no records.
void write_negative(const question& q, outcome result, const answer_context& w, dns::response& out);

} // namespace troupe::zone
