// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cluster.hpp"

#include "net/endpoint.hpp"

#include <unordered_map>

namespace troupe::bench {

/// Answers service questions from a cluster's tables with nothing between endpoint and zone: what a loop costs without
/// actors. One loop's; the tables are shared.
class plain_server final : public net::sink {
public:
  plain_server(net::endpoint& home, const cluster& all) : home_(home), cluster_(all) {}

  net::plan_ptr current_plan() override { return nullptr; }

  void on_queries(net::slice_handle&& fresh) override {
    auto taken = fresh.take();
    taken.each([this, &taken](net::slot& s) { answer(taken.home(), s); });
    std::move(taken).finish();
  }

  void on_finished(net::slice_handle&& done) override { home_.send(done.take()); }

private:
  void answer(net::batch& in, net::slot& s) {
    auto asked = zone::parse_question(s.query, cluster_.zone_skip(s.query.qname_octets), cluster_.options());
    const auto* cell = cluster_.root().find(zone::octets_of(asked.namespace_label()));
    if (!cell) {
      s.state = net::slot_state::silent; // counted as wrong
      return;
    }
    auto& reader = readers_.try_emplace(cell->get(), (*cell)->tables).first->second;
    dns::response out{buffer_, s.query};
    zone::answer_service(asked, **cell, reader.get().get(), cluster_.world(), out);
    in.keep(s, out.bytes());
  }

  net::endpoint& home_;
  const cluster& cluster_;
  std::unordered_map<const zone::namespace_cell*, zone::reader<zone::table>> readers_;
  std::array<uint8_t, 4096> buffer_;
};

} // namespace troupe::bench
