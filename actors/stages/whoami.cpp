// SPDX-License-Identifier: Apache-2.0
#include "actors/questions/client.hpp"
#include "actors/questions/message_buffer.hpp"
#include "actors/stages/stage_site.hpp"
#include "net/dns/response.hpp"

namespace troupe {

namespace {

/// `_udp` or `_tcp`, in wire form without root.
dns::name_view protocol_label(net::protocol by) noexcept {
  static constexpr uint8_t udp[] = {4, '_', 'u', 'd', 'p'}, tcp[] = {4, '_', 't', 'c', 'p'};
  return by == net::protocol::tcp ? tcp : udp;
}

/// `whoami`: an answer without records to whatever was asked, and in its additional section what the server knows of
/// the client: its address, and in an SRV its port. Answers everything that comes as far as here.
class whoami_stage final : public stage {
public:
  std::string_view name() const noexcept override { return "whoami"; }
  other_classes with_other_classes() const noexcept override { return other_classes::take; }

  step request(net::slot& slot, stage_scope& scope) override {
    dns::response out{scratch_message().first(dns::response_room(slot.query, slot.protocol)), slot.query};
    out.authoritative();
    write_client(slot, out);
    scope.batch.keep(slot, out.bytes(), out.uncompressed_size());
    slot.rcode = dns::rcode::noerror;
    return step::answered;
  }

private:
  static void write_client(const net::slot& slot, dns::response& out) {
    constexpr auto additional = dns::section::additional;
    const bool root = slot.query.qname_octets == 1;
    const dns::name_ref asked = root ? dns::name_ref{} : dns::in_question();
    const kube::address client = address_of(slot.from);
    std::span<const uint8_t> octets{client.octets};
    const auto type = client.v6 ? dns::rrtype::aaaa : dns::rrtype::a;
    out.raw(additional, asked, static_cast<uint16_t>(type), slot.query.qclass, 0, octets.first(client.v6 ? 16 : 4));
    const dns::name_view label = protocol_label(slot.protocol);
    if (slot.query.qname_octets + label.size() > dns::max_name_octets)
      return; // there is no such name
    const uint16_t port = port_of(slot.from);
    const uint8_t data[] = {0, 0, 0, 0, static_cast<uint8_t>(port >> 8), static_cast<uint8_t>(port), 0};
    out.raw(additional, {label, asked.tail}, static_cast<uint16_t>(dns::rrtype::srv), slot.query.qclass, 0, data);
  }
};

} // namespace

void make_whoami(stage_site& site) {
  site.add<whoami_stage>();
}

} // namespace troupe
