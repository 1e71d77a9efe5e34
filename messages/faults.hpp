// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/caf_compat.hpp"

#include <atomic>
#include <boost/core/demangle.hpp>
#include <caf/mailbox_element.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

/// Failing on purpose: only in test builds (CMake option TROUPE_FAULTS). Any actor takes this message.
namespace troupe {

struct fault {
  std::string kind;                   ///< "throw", "stall", "poison"
  std::chrono::milliseconds lasts{0}; ///< of a stall
};

} // namespace troupe

TROUPE_LOCAL_MESSAGE(troupe::fault)

namespace troupe {

#ifdef TROUPE_FAULTS
/// The order in a message, or null.
inline const fault* fault_in(const caf::mailbox_element& element) {
  const auto& content = element.content();
  return content.size() == 1 && content.template match_element<fault>(0) ? &content.template get_as<fault>(0) : nullptr;
}

/// What kind of message it is, for who measures handlers.
inline std::string kind_of(const caf::mailbox_element& element) {
  const auto& content = element.content();
  if (content.size() == 0)
    return "()";
  if (content.template match_element<caf::atom_value>(0))
    return to_string(content.template get_as<caf::atom_value>(0));
  const std::type_info* type = content.type(0).second;
  return type ? boost::core::demangle(type->name()) : "a message of CAF's";
}

/// Values that are corrupt on purpose: whoever uses one gets an exception. They are held for good, so that no other
/// value comes to stand at the same address. Thread: any.
class poisoned_values {
public:
  void add(const std::shared_ptr<const void>& value) {
    std::lock_guard lock{mutex_};
    values_[value.get()] = value;
    any_ = true;
  }
  /// What is changed in place and was made anew.
  void remove(const void* value) {
    std::lock_guard lock{mutex_};
    values_.erase(value);
  }
  bool has(const void* value) const {
    if (!any_.load(std::memory_order_relaxed))
      return false;
    std::lock_guard lock{mutex_};
    return values_.count(value) != 0;
  }

private:
  mutable std::mutex mutex_;
  std::map<const void*, std::shared_ptr<const void>> values_;
  std::atomic<bool> any_{false};
};
inline poisoned_values poisoned;

/// Stands before each use of a value that outlives the actor that made it.
inline void use_of(const void* value) {
  if (poisoned.has(value))
    throw std::logic_error("corrupt on purpose");
}
inline void made_anew(const void* value) {
  poisoned.remove(value);
}

/// A first label that makes a query handler throw.
inline constexpr std::string_view poisonous_label = "fault-throw";
/// One that makes it work for so long.
inline constexpr std::string_view costly_label = "fault-costly";
inline constexpr std::chrono::microseconds costs{1'000};
#else
inline void use_of(const void*) {}
inline void made_anew(const void*) {}
#endif

} // namespace troupe
