// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

namespace troupe {

/// Something that plans share and that has actors of its own. It is wanted as long as somebody holds a lease on it;
/// when the last lease has ended, the registry ends its actors. Who only works with it takes `part()`, which keeps the
/// memory and is no lease. Thread: the registry's; leases end on any.
template <class Part>
class leased {
public:
  explicit leased(std::shared_ptr<Part> part) : part_(std::move(part)) {}

  const std::shared_ptr<Part>& part() const noexcept { return part_; }
  /// For a plan, or who prepares one. Copies are the same lease.
  std::shared_ptr<Part> lease() {
    auto wish = wish_.lock();
    if (!wish)
      wish_ = wish = std::make_shared<holder>(holder{part_});
    return {wish, wish->part.get()};
  }
  bool wanted() const noexcept { return !wish_.expired(); }

private:
  struct holder {
    std::shared_ptr<Part> part;
  };

  std::shared_ptr<Part> part_;
  std::weak_ptr<holder> wish_;
};

} // namespace troupe
