// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/response.hpp"
#include "net/endpoint.hpp"

#include <map>

namespace troupe::test {

/// An endpoint without a socket: queries are put in by hand, answers land in a map.
class hand_endpoint : public net::endpoint {
public:
  explicit hand_endpoint(net::loop& home, limits bounds = {}) : endpoint(home, bounds) {}

  /// Opens a batch with one slot per id and hands it to the sink.
  void receive(const std::vector<uint16_t>& ids) {
    net::batch& fresh = new_batch(ids.size());
    for (uint16_t id : ids) {
      net::slot& s = open_slot(fresh);
      s.query = {};
      s.query.id = id;
      s.query.qtype = 1;
      s.query.qclass = 1;
      s.query.qname_octets = 1;
      s.query.qname[0] = s.query.lowered[0] = 0;
    }
    deliver(fresh);
  }

  void drain() override { draining_ = true; }

  std::map<uint16_t, std::vector<dns::rcode>> answers; ///< id -> every answer it got

private:
  void transmit(net::batch& home, size_t index) override {
    answers[home[index].query.id].push_back(home[index].rcode);
    close(home, uint64_t{1} << index);
  }
  void resume_reading() override {}
};

/// A sink that keeps what it is given until a test decides.
class keeping_sink : public net::sink {
public:
  explicit keeping_sink(hand_endpoint& endpoint) : endpoint_(endpoint) {}
  net::plan_ptr current_plan() override { return {}; }
  void on_queries(net::slice_handle&& fresh) override { waiting.push_back(std::move(fresh)); }
  void on_finished(net::slice_handle&& done) override { endpoint_.send(done.take()); }

  /// Answers all slots of a slice.
  static void answer(net::slice slots, dns::rcode code = dns::rcode::noerror) {
    slots.each([&](net::slot& s) { net::answer_code(slots.home(), s, code); });
    std::move(slots).finish();
  }

  std::vector<net::slice_handle> waiting;

private:
  hand_endpoint& endpoint_;
};

} // namespace troupe::test
