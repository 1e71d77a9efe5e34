// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/response.hpp"
#include "net/endpoint.hpp"

#include <map>

namespace troupe::test {

/// An endpoint without a socket: questions are put in by name, answers land in a list by their number. Those of many
/// messages are drawn at once.
class asking_endpoint final : public net::endpoint {
public:
  explicit asking_endpoint(net::loop& home) : endpoint(home, {}) {}

  /// One batch with a question for each name, of that type, or PTR below arpa and else A; the number of the first.
  uint16_t ask(const std::vector<std::string>& names, uint8_t type = 0) {
    const uint16_t first = next_;
    net::batch& fresh = new_batch(names.size());
    for (auto& name : names) {
      net::slot& slot = open_slot(fresh);
      slot.from = from;
      const auto packet = wire(name, next_++, type);
      slot.protocol = by;
      admit(fresh, slot, dns::parse_query(packet, slot.query), packet);
    }
    deliver(fresh);
    return first;
  }

  void drain() override { draining_ = true; }

  net::protocol by = net::protocol::udp; ///< how questions come
  net::peer from;                        ///< and from whom
  unsigned takes = 0;                    ///< octets by UDP that their OPT announces; 0: they have none
  bool recursion_desired = true;

  std::map<uint16_t, std::vector<std::vector<uint8_t>>> streams; ///< number -> the messages of a streamed answer
  std::map<uint16_t, std::vector<dns::rcode>> answers;           ///< number -> every answer it got
  std::map<uint16_t, std::vector<uint8_t>> messages;             ///< number -> the last of them, whole
  std::map<uint16_t, std::string> failures;                      ///< number -> why the server could not answer

private:
  std::vector<uint8_t> wire(const std::string& name, uint16_t id, uint8_t type) const {
    std::vector<uint8_t> out{
      static_cast<uint8_t>(id >> 8), static_cast<uint8_t>(id), recursion_desired, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    for (size_t at = 0; at < name.size();) {
      const size_t end = std::min(name.find('.', at), name.size());
      out.push_back(static_cast<uint8_t>(end - at));
      out.insert(out.end(), name.begin() + static_cast<ptrdiff_t>(at), name.begin() + static_cast<ptrdiff_t>(end));
      at = end + 1;
    }
    const uint8_t by_name = name.ends_with(".arpa") ? 12 : 1;
    out.insert(out.end(), {0, 0, type != 0 ? type : by_name, 0, 1});
    if (takes != 0) {
      out[11] = 1;
      out.insert(out.end(),
                 {0, 0, 41, static_cast<uint8_t>(takes >> 8), static_cast<uint8_t>(takes), 0, 0, 0, 0, 0, 0});
    }
    return out;
  }

  void transmit(net::batch& home, size_t index) override {
    net::slot& slot = home[index];
    if (slot.rest && !slot.streamed)
      return draw(home, slot, index);
    answers[slot.query.id].push_back(slot.rcode);
    messages[slot.query.id].assign(slot.message().begin(), slot.message().end());
    failures[slot.query.id] = slot.failure ? slot.failure : "";
    close(home, uint64_t{1} << index);
  }
  void draw(net::batch& home, net::slot& slot, size_t index) {
    std::vector<uint8_t> buffer(dns::max_message_octets);
    for (bool last = false; !last;) {
      const auto made = slot.rest->next(buffer);
      last = made.last;
      if (made.octets != 0)
        streams[slot.query.id].emplace_back(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(made.octets));
    }
    net::answer_code(home, slot, dns::rcode::noerror);
    slot.streamed = slot.complete = true;
    on_finished(home, uint64_t{1} << index);
  }
  void resume_reading() override {}

  uint16_t next_ = 1;
};

} // namespace troupe::test
