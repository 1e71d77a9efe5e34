// SPDX-License-Identifier: Apache-2.0
#include "net/kube/reflector.hpp"

#include <utility>

/// What a reflector gives away, as far as its consumer has credit.
namespace troupe::kube {

namespace {

/// In one chunk. A slice of 10 endpoints takes 3 kB on its way, and a chunk is there twice while it is routed.
constexpr size_t max_changes = 100;

} // namespace

/// A server writes a streaming list object by object; the consumer shall get it in big pieces.
void reflector::gather(std::vector<change>&& changes, size_t end) {
  const auto begin = changes.begin();
  gathered_.reserve(max_changes);
  gathered_.insert(gathered_.end(), std::make_move_iterator(begin),
                   std::make_move_iterator(begin + static_cast<ptrdiff_t>(end)));
  if (gathered_.size() < max_changes)
    return;
  push_changes(std::move(gathered_), 0, gathered_.size());
  gathered_.clear();
}

void reflector::push_changes(std::vector<change>&& changes, size_t begin, size_t end) {
  if (begin == 0 && end == changes.size() && end != 0 && end <= max_changes)
    return push({chunk::what::objects, resource_, std::move(changes)});
  for (size_t i = begin; i < end; i += max_changes) {
    chunk next{chunk::what::objects, resource_, {}};
    const auto from = changes.begin() + static_cast<ptrdiff_t>(i);
    const auto to = changes.begin() + static_cast<ptrdiff_t>(std::min(end, i + max_changes));
    next.changes.assign(std::make_move_iterator(from), std::make_move_iterator(to));
    push(std::move(next));
  }
}

void reflector::push(chunk&& part) {
  pending_.push_back(std::move(part));
  flush();
}

void reflector::flush() {
  while (credit_ > 0 && !pending_.empty()) {
    --credit_;
    chunk next = std::move(pending_.front());
    pending_.pop_front();
    const bool first_list = next.kind == chunk::what::list_end && !std::exchange(synced_, true);
    io_.emit(std::move(next));
    if (first_list)
      io_.synced();
  }
}

void reflector::grant(size_t chunks) {
  credit_ += chunks;
  flush();
  if (!pending_.empty())
    return;
  if (std::exchange(paused_, false))
    io_.resume();
  else if (blocked_ && !waiting_)
    go();
}

} // namespace troupe::kube
