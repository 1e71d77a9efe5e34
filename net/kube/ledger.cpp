// SPDX-License-Identifier: Apache-2.0
#include "net/kube/ledger.hpp"

#include "net/kube/version.hpp"

#include <utility>

namespace troupe::kube {

void ledger::list_is_whole() {
  objects_ = listed_;
  expected_.reset(); // it was about what was known before
  difference_.reset();
}

void ledger::watch_begins(std::string version) {
  version_ = std::move(version);
  ordered_ = true;
}

bool ledger::take(event entry, std::string_view version, bool ends_list) {
  used_ = true;
  uint64_t& objects = ordered_ ? objects_ : listed_;
  if (ordered_ && is_older(version, version_))
    return false;
  // Between the statement's version and the next one nothing happened to this resource.
  if (ordered_ && expected_ &&
      (is_older(expected_->version, version) || (entry == event::bookmark && version == expected_->version)))
    compare();
  if (entry == event::added)
    ++objects;
  else if (entry == event::deleted && objects > 0)
    --objects;
  if (!ordered_ && ends_list) {
    list_is_whole();
    watch_begins(std::string{version});
  } else if (ordered_ && !version.empty()) {
    version_ = version;
  }
  return true;
}

void ledger::expect(statement expected) {
  expected_ = std::move(expected);
}

void ledger::watch_ended() {
  ordered_ = false;
  if (expected_)
    compare();
}

void ledger::compare() {
  if (used_ && expected_->objects != objects_)
    difference_.emplace(expected_->objects, objects_);
  expected_.reset();
}

std::optional<std::pair<uint64_t, uint64_t>> ledger::difference() {
  return std::exchange(difference_, std::nullopt);
}

} // namespace troupe::kube
