// SPDX-License-Identifier: Apache-2.0
#include "actors/questions/message_buffer.hpp"
#include "actors/stages/stage_site.hpp"
#include "net/dns/response.hpp"

namespace troupe {

namespace {

/// `any`: to ANY a short answer (RFC 8482 section 4.2) in place of all that there is.
class any_stage final : public stage {
public:
  std::string_view name() const noexcept override { return "any"; }

  step request(net::slot& slot, stage_scope& scope) override {
    if (slot.query.type() != dns::rrtype::any)
      return step::next;
    static constexpr uint32_t ttl = 8482; // seconds
    static constexpr std::string_view data = "\x0d"
                                             "ANY obsoleted"
                                             "\x0c"
                                             "See RFC 8482";
    dns::response out{scratch_message().first(dns::response_room(slot.query, slot.protocol)), slot.query};
    out.raw(dns::section::answer, dns::in_question(), static_cast<uint16_t>(dns::rrtype::hinfo),
            static_cast<uint16_t>(dns::rrclass::in), ttl, {reinterpret_cast<const uint8_t*>(data.data()), data.size()});
    scope.batch.keep(slot, out.bytes(), out.uncompressed_size());
    slot.rcode = dns::rcode::noerror;
    return step::answered;
  }
};

} // namespace

void make_any(stage_site& site) {
  site.add<any_stage>();
}

} // namespace troupe
