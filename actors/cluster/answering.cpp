// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/answering.hpp"

#include "actors/cluster/cname_chase.hpp"
#include "actors/questions/message_buffer.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/pinned.hpp"
#include "messages/cluster.hpp"
#include "messages/faults.hpp"

namespace troupe {

namespace {

/// Where long sets begin: spreads what a cut answer shows. Not for security.
uint32_t next_rotation() noexcept {
  thread_local uint32_t state = 0x9e3779b9;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

#ifdef TROUPE_FAULTS
void fail_if_told(const zone::question& q) {
  if (q.lowered.empty() || q.lowered[0] == 0)
    return;
  if (q.label(0) == poisonous_label)
    throw std::runtime_error("poisonous query");
  if (q.label(0) == costly_label)
    for (const auto end = std::chrono::steady_clock::now() + costs; std::chrono::steady_clock::now() < end;) {
    }
}
#else
void fail_if_told(const zone::question&) {}
#endif

} // namespace

void answering::write(net::batch& home, net::slot& slot, function writer, void* argument) {
  const kubernetes_view& view = view_of(slot);
  const zone::options& options = view.options;
  zone::question q = zone::parse_question(slot.query, slot.zone_skip, options);
  q.rotate = next_rotation();
  fail_if_told(q);
  use_of(cluster_.root.get().get());
  const zone::answer_context w{options, *cluster_.root.get(), *cluster_.reverse.get(), view.siblings,
                               cluster_.pods.get().get()};
  const size_t room = dns::response_room(slot.query, slot.protocol);
  dns::response out{scratch_message().first(room), slot.query};
  dns::name target;
  const zone::outcome outcome = writer(q, w, out, argument, &target);
  const bool asks_on =
    (outcome == zone::outcome::name_error || outcome == zone::outcome::implied) && options.falls_through(q.lowered);
  if (asks_on && outcome == zone::outcome::name_error) {
    slot.state = net::slot_state::passed;
    return;
  }
  if (outcome != zone::outcome::answered && outcome != zone::outcome::external)
    zone::write_negative(q, outcome, w, out);
  home.keep(slot, out.bytes(), out.uncompressed_size());
  slot.rcode = static_cast<dns::rcode>(out.bytes()[3] & 15);
  slot.answered_by = static_cast<uint8_t>(slot.stage + 1);
  if (asks_on) {
    slot.state = net::slot_state::passed;
    slot.exists = true;
  }
  if (outcome == zone::outcome::external && cluster_.subqueries)
    outside_.push_back({static_cast<size_t>(&slot - &home[0]), target});
}

void answering::follow_outside(net::slice& slots) {
  for (auto& [index, target] : outside_) {
    net::slice one = slots.split(uint64_t{1} << index);
    if (one.home()[index].query.type() == dns::rrtype::srv)
      ask_for_glue(*cluster_.subqueries, std::move(one));
    else
      ask_for_target(*cluster_.subqueries, std::move(one), target);
  }
  outside_.clear();
}

bool answering::in_doubt(const scheduled_loop* home) {
  constexpr std::chrono::milliseconds interval{100};
  const net::time_point now = home ? home->loop.now() : net::time_point{};
  if (!std::exchange(failed_, false) || (doubted_ != net::time_point{} && now - doubted_ < interval))
    return false;
  doubted_ = now;
  tell(shared_.where.find<namespaces_actor>(cluster_.tables.named("namespaces")), verify_atom::value);
  return true;
}

void answering::answer(net::batch& home, net::slot& slot, function writer, void* argument) noexcept {
  try {
    write(home, slot, writer, argument);
  } catch (const std::exception& e) {
    failed_ = true;
    cluster_.tables.counts.panic();
    log::error("plugin/kubernetes: {}: {}", dns::to_text(slot.query.name_as_sent()), e.what());
    net::fail(home, slot, "the handler failed");
  }
}

} // namespace troupe
