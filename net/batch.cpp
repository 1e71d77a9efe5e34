// SPDX-License-Identifier: Apache-2.0
#include "net/batch.hpp"

#include "net/dns/edns_options.hpp"
#include "net/dns/kept_reply.hpp"

#include <algorithm>
#include <cstring>

namespace troupe::net {

batch::batch(endpoint& home, size_t capacity)
  : home_(&home), capacity_(capacity), slots_(std::make_unique_for_overwrite<slot[]>(capacity)) {}

std::span<uint8_t> batch::allot(size_t octets) {
  if (memory_.empty() || memory_.back().size - memory_.back().used < octets) {
    const size_t size = std::max(octets, capacity_ == 1 ? octets : first_chunk);
    memory_.push_back({std::make_unique_for_overwrite<uint8_t[]>(size), size, 0});
  }
  chunk& from = memory_.back();
  const std::span<uint8_t> out{from.octets.get() + from.used, octets};
  from.used += octets;
  return out;
}

void batch::keep(slot& target, std::span<const uint8_t> response, size_t uncompressed) {
  target.answer = allot(response.size() + answer_slack);
  std::memcpy(target.answer.data(), response.data(), response.size());
  target.answer_octets = response.size();
  target.uncompressed_octets = static_cast<uint32_t>(uncompressed == 0 ? response.size() : uncompressed);
  target.state = slot_state::answered;
  target.reply = nullptr;
  target.rest = nullptr;
}

bool batch::keep(slot& target, const dns::kept_reply& reply, const dns::reply_writing& writing) {
  const std::span<uint8_t> room = allot(reply.image.size() + answer_slack);
  const size_t size = dns::write_reply(reply, target.query, writing, room.first(reply.image.size()));
  if (size == 0)
    return false;
  target.answer = room;
  target.answer_octets = size;
  target.uncompressed_octets = reply.uncompressed;
  target.state = slot_state::answered;
  target.reply = nullptr;
  target.rest = nullptr;
  return true;
}

void batch::remember(slot& target, std::shared_ptr<const dns::kept_reply> reply) {
  reply_ = std::move(reply);
  target.reply = &reply_;
}

void batch::keep(slot& target, std::unique_ptr<answer_source> source) {
  sources_.push_back(std::move(source));
  target.rest = sources_.back().get();
  target.state = slot_state::answered;
}

void batch::keep(slot& target, batch& other, const slot& from) {
  const auto found = std::ranges::find(other.sources_, from.rest, [](auto& source) { return source.get(); });
  keep(target, std::move(*found));
  other.sources_.erase(found);
}

void batch::add_option(slot& target, uint16_t code, std::span<const uint8_t> data) {
  const std::span<uint8_t> one = allot(dns::option_fixed_octets + data.size());
  dns::put_option(one, code, data);
  add_options(target, one);
}

void batch::add_options(slot& target, std::span<const uint8_t> options) {
  if (options.empty())
    return;
  const std::span<uint8_t> all = allot(target.opt_data.size() + options.size());
  std::ranges::copy(options, std::ranges::copy(target.opt_data, all.begin()).out);
  const std::span<uint8_t> room = allot(target.answer_octets + answer_slack + all.size());
  std::ranges::copy(target.message(), room.begin());
  target.answer = room;
  target.opt_data = all;
}

const char* batch::note(std::string_view text) {
  const std::span<uint8_t> to = allot(text.size() + 1);
  std::memcpy(to.data(), text.data(), text.size());
  to.back() = 0;
  return reinterpret_cast<const char*>(to.data());
}

answer_notes_ptr batch::notes_of(const slot& target) const noexcept {
  const auto found = std::ranges::find(notes_.rbegin(), notes_.rend(), &target - slots_.get(),
                                       [](const auto& each) { return each.first; });
  return found == notes_.rend() ? nullptr : found->second;
}

void batch::reset() noexcept {
  used_ = 0;
  open_ = returned_ = 0;
  plan.reset();
  serves = nullptr;
  reply_.reset();
  sources_.clear();
  notes_.clear();
  if (memory_.size() > 1 || (!memory_.empty() && memory_.front().size > first_chunk))
    memory_.clear();
  else if (!memory_.empty())
    memory_.front().used = 0;
}

batch& batch_pool::take(size_t slots) {
  size_t kind = 0;
  while (sizes[kind] < slots)
    ++kind;
  ++out_;
  if (free_[kind].empty())
    return *new batch(home_, sizes[kind]);
  batch* taken = free_[kind].back().release();
  free_[kind].pop_back();
  return *taken;
}

void batch_pool::give_back(batch& done) noexcept {
  std::unique_ptr<batch> owned{&done};
  owned->reset();
  --out_;
  const size_t kind = static_cast<size_t>(std::find(std::begin(sizes), std::end(sizes), done.capacity()) - sizes);
  if (free_[kind].size() < kept_per_size[kind])
    free_[kind].push_back(std::move(owned));
}

} // namespace troupe::net
