// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/caf_compat.hpp"

#include <caf/mailbox_element.hpp>
#include <stdexcept>
#include <string>

/// Failing on purpose: only in test builds (CMake option TROUPE_FAULTS). Any actor takes this message.
namespace troupe {

struct fault {
  std::string kind; ///< "throw"
};

} // namespace troupe

TROUPE_LOCAL_MESSAGE(troupe::fault)

namespace troupe {

#ifdef TROUPE_FAULTS
inline void fail_if_told(const caf::mailbox_element& element) {
  const auto& content = element.content();
  if (content.size() == 1 && content.template match_element<fault>(0))
    throw std::runtime_error("failed on purpose");
}

/// A first label that makes a query handler throw.
inline constexpr std::string_view poisonous_label = "fault-throw";
#else
inline void fail_if_told(const caf::mailbox_element&) {}
#endif

} // namespace troupe
