// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_clients.hpp"

namespace troupe::net {

namespace {

constexpr size_t turns_at_once = 64;   ///< then sockets are looked at again
constexpr size_t questions_a_turn = 8; ///< while others wait for theirs
constexpr size_t ends_a_sweep = 64;    ///< each is a system call

} // namespace

tcp_clients::connection::connection(tcp_clients& of, client_key who)
  : of_(of), client_(of.enter(who)), since_(of.home_.now()) {
  client_.others.push_back(*this);
}

tcp_clients::connection::~connection() {
  of_.leave(*this);
}

tcp_clients::~tcp_clients() {
  home_.cancel(next_turn_);
}

tcp_clients::client& tcp_clients::enter(client_key who) {
  client& its = clients_.try_emplace(who).first->second;
  its.key = who;
  ++connections_;
  count(its, its.connections + 1);
  return its;
}

void tcp_clients::leave(connection& which) noexcept {
  client& its = which.client_;
  octets_ -= which.octets_;
  --connections_;
  which.in_client_.unlink();
  which.in_turn_.unlink();
  if (its.turns.empty())
    its.in_turns.unlink();
  count(its, its.connections - 1);
  if (its.connections == 0)
    clients_.erase(its.key);
}

/// Moves a client to those with as many connections.
void tcp_clients::count(client& who, size_t connections) {
  who.in_count.unlink();
  who.connections = connections;
  if (by_count_.size() <= connections)
    by_count_.resize(connections + 1);
  if (connections != 0)
    by_count_[connections].push_back(who);
  while (!by_count_.empty() && by_count_.back().empty())
    by_count_.pop_back();
}

void tcp_clients::note(connection& which, stage now, size_t octets, bool did_part) {
  octets_ += octets - which.octets_;
  which.octets_ = octets;
  if (now == which.stage_ && !did_part)
    return;
  which.stage_ = now;
  which.since_ = home_.now();
  which.in_time_.unlink();
  which.in_client_.unlink();
  (now == stage::quiet ? which.client_.quiet : which.client_.others).push_back(which);
  if (now != stage::busy)
    (now == stage::quiet ? quiet_ : owing_).push_back(which);
}

tcp_clients::connection* tcp_clients::to_give_way() noexcept {
  if (by_count_.empty())
    return nullptr;
  client& most = by_count_.back().front();
  return &(most.quiet.empty() ? most.others : most.quiet).front();
}

bool tcp_clients::make_room(size_t places) {
  const size_t before = connections_;
  for (connection* next; places != 0 && (next = to_give_way()) != nullptr; --places)
    next->end();
  return connections_ < before;
}

void tcp_clients::relieve() {
  while (octets_ > bounds_.octets && !owing_.empty())
    owing_.front().end();
}

size_t tcp_clients::running() const noexcept {
  size_t sum = 0;
  for (const endpoint* each : endpoints_)
    sum += each->running();
  return sum;
}

void tcp_clients::await_turn(connection& which) {
  if (which.awaits_turn())
    return;
  which.client_.turns.push_back(which);
  if (!which.client_.in_turns.is_linked())
    turns_.push_back(which.client_);
}

void tcp_clients::give_turns() {
  size_t given = 0;
  for (; given < turns_at_once && !turns_.empty() && running() < bounds_.running; ++given) {
    client& next = turns_.front();
    connection& its = next.turns.front();
    its.in_turn_.unlink();
    next.in_turns.unlink();
    if (!next.turns.empty())
      turns_.push_back(next);
    its.take_turn(turns_.empty() ? batch::max_slots : questions_a_turn);
  }
  if (given == turns_at_once)
    turn_again();
}

void tcp_clients::turn_again() {
  if (next_turn_ == 0)
    next_turn_ = home_.at(home_.now(), [this] { next_turn_ = 0; });
}

bool tcp_clients::sweep() {
  const time_point now = home_.now();
  const auto overdue = [&](auto& those, std::chrono::nanoseconds most) {
    return !those.empty() && now - those.front().since_ > most;
  };
  for (size_t n = 0; n < ends_a_sweep; ++n)
    if (overdue(owing_, bounds_.slow))
      owing_.front().end();
    else if (overdue(quiet_, bounds_.quiet))
      quiet_.front().end();
    else
      return false;
  return true;
}

} // namespace troupe::net
