// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/transfer.hpp"

#include "actors/questions/client.hpp"
#include "actors/runtime/log.hpp"
#include "actors/stages/stage_site.hpp"
#include "config/dispenser.hpp"
#include "net/zone/transfer.hpp"

#include <algorithm>
#include <cstring>

namespace troupe {

namespace {

/// A transfer under way; its end is logged in CoreDNS's words.
class outgoing final : public net::answer_source {
public:
  outgoing(const net::slot& asked, std::unique_ptr<zone::zone_records> from)
    : transfer_(asked.query, std::move(from)), zone_(config::quote(dns::to_text(asked.query.name_as_sent()))),
      to_(client_text(asked.from)) {}

  piece next(std::span<uint8_t> out) override {
    const auto made = transfer_.next(out);
    return {made.octets, made.uncompressed, made.last};
  }

  void done() override {
    if (transfer_.up_to_date())
      log::info("plugin/transfer: Outgoing noop, incremental transfer for up to date zone {} to {} for {} SOA serial",
                zone_, to_, transfer_.serial());
    else
      log::info("plugin/transfer: Outgoing transfer of {} records of zone {} to {} for {} SOA serial",
                transfer_.records(), zone_, to_, transfer_.serial());
  }

private:
  zone::transfer transfer_;
  std::string zone_, to_;
};

bool same_host(const net::socket_address& allowed, const net::peer& from) noexcept {
  if (allowed.is_v6() != from.is_v6())
    return false;
  if (!from.is_v6())
    return allowed.raw.v4.sin_addr.s_addr == from.remote.v4.sin_addr.s_addr;
  const auto &a = allowed.raw.v6, &b = from.remote.v6;
  return std::memcmp(&a.sin6_addr, &b.sin6_addr, sizeof a.sin6_addr) == 0 &&
         (a.sin6_scope_id == 0 || a.sin6_scope_id == b.sin6_scope_id);
}

} // namespace

transfer_stage::transfer_stage(const std::vector<config::transfer_options>& uses) : uses_(uses), to_(uses.size()) {
  for (size_t i = 0; i < uses.size(); ++i)
    for (const auto& each : uses[i].to)
      if (const auto address = net::socket_address::from_text(each.host, each.port))
        to_[i].push_back(*address);
}

bool transfer_stage::allowed(const config::transfer_options& use, const net::peer& from) const noexcept {
  const auto& to = to_[static_cast<size_t>(&use - uses_.data())];
  return use.to_all || std::ranges::any_of(to, [&](auto& each) { return same_host(each, from); });
}

stage::step transfer_stage::request(net::slot& slot, stage_scope& scope) {
  if (!slot.query.is_transfer())
    return step::next;
  const auto say = [&](dns::rcode code) {
    net::answer_code(scope.batch, slot, code);
    return step::answered;
  };
  if (slot.protocol != net::protocol::tcp)
    return say(dns::rcode::refused);
  const dns::name_view zone = slot.query.name_lowered();
  const auto* use = config::find_transfer(uses_, zone);
  if (!use)
    return step::next;
  if (!allowed(*use, slot.from))
    return say(dns::rcode::refused);
  if (slot.query.type() == dns::rrtype::ixfr && !slot.query.has_serial)
    return say(dns::rcode::servfail);
  for (const transferable* each : zones_)
    if (auto records = each->records_of(zone)) {
      if (!each->complete())
        return say(dns::rcode::servfail);
      scope.batch.keep(slot, std::make_unique<outgoing>(slot, std::move(records)));
      return step::answered;
    }
  const bool below = std::ranges::any_of(zones_, [&](auto* each) { return each->holds(zone); });
  return below ? say(dns::rcode::notauth) : step::next; // RFC 5936 section 2.2.1
}

void make_transfer(stage_site& site) {
  site.transfers = &site.add<transfer_stage>(site.block.transfer);
}

} // namespace troupe
