// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/fault_injection.hpp"

#ifdef TROUPE_FAULTS

#include "actors/runtime/pinned.hpp"

#include <algorithm>
#include <caf/send.hpp>
#include <charconv>
#include <vector>

namespace troupe {

namespace {

std::vector<std::string> labels_of(dns::name_view name) {
  std::vector<std::string> out;
  for (size_t at = 0; at < name.size() && name[at] != 0; at += 1u + name[at])
    out.emplace_back(reinterpret_cast<const char*>(name.data()) + at + 1, name[at]);
  return out;
}

constexpr unsigned longest_stall = 60'000; ///< milliseconds

/// `stall-250`, or a word alone.
fault fault_from(const std::string& text) {
  const size_t dash = text.find('-');
  fault out{text.substr(0, dash)};
  unsigned milliseconds = 0;
  if (dash != text.npos)
    std::from_chars(text.data() + dash + 1, text.data() + text.size(), milliseconds);
  out.lasts = std::chrono::milliseconds{std::min(milliseconds, longest_stall)};
  return out;
}

} // namespace

bool inject_fault(const dns::query& q, const actor_context& shared) {
  const auto labels = labels_of(q.name_lowered());
  if (labels.size() < 3 || labels.back() != "fault-injection")
    return false;
  std::string actor = labels[1];
  for (size_t i = 2; i + 1 < labels.size(); ++i)
    actor += "/" + labels[i];
  const auto victim = shared.where.find<caf::actor>(actor);
  if (!victim)
    return true;
  if (labels[0] == "kill")
    caf::anon_send_exit(victim, caf::exit_reason::kill);
  else if (labels[0] == "exit")
    caf::anon_send_exit(victim, caf::exit_reason::unhandled_exception);
  else
    tell(victim, fault_from(labels[0]));
  return true;
}

} // namespace troupe

#else

namespace troupe {

bool inject_fault(const dns::query&, const actor_context&) {
  return false;
}

} // namespace troupe

#endif
