// SPDX-License-Identifier: Apache-2.0
#include "net/zone/zone_records.hpp"

#include <algorithm>

namespace troupe::zone {

void label_string::add(std::string_view front, std::string_view label) noexcept {
  const size_t octets = front.size() + label.size();
  if (octets == 0 || octets > dns::max_label_octets || octets + 1 > sizeof octets_ - size_) {
    fits_ = false;
    return;
  }
  octets_[size_++] = static_cast<uint8_t>(octets);
  for (std::string_view part : {front, label}) {
    std::ranges::copy(part, octets_ + size_); // memcpy takes no null pointers, not even for nothing
    size_ += part.size();
  }
}

void label_string::add(dns::name_view labels) noexcept {
  if (labels.size() > sizeof octets_ - size_) {
    fits_ = false;
    return;
  }
  std::ranges::copy(labels, octets_ + size_);
  size_ += labels.size();
}

} // namespace troupe::zone
