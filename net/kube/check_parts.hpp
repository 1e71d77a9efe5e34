// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/check.hpp"

/// What the checks of several kinds share. Internal to net/kube.
namespace troupe::kube {

/// More than any real object has; a slice holds at most 1,000 endpoints, a service about 100 ports.
inline constexpr size_t max_items = 20'000;
inline constexpr size_t max_labels = 1'000; ///< of a Pod

std::optional<unusable> check_meta(const raw_meta& meta, bool name_is_label);

/// An unnumbered port (null in a slice: all ports) has number 0: no SRV record shows it, but its name exists and it
/// counts in the weights of the others, as in CoreDNS.
std::optional<unusable> check_ports(const std::vector<raw_port>& raw, std::vector<port>& out);

/// A host name to point to: what fits a DNS name; RFC 1123 is not asked for, as CoreDNS does not either.
bool is_target(std::string_view text);

/// One note for each object is enough to find it.
void add_note(std::string& note, std::string more);

template <class Object>
void take_names(raw_meta& from, Object& to) {
  to.namespace_ = std::move(from.namespace_);
  to.name = std::move(from.name);
  to.uid = std::move(from.uid);
}

} // namespace troupe::kube
