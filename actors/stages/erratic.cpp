// SPDX-License-Identifier: Apache-2.0
#include "config/directives/erratic.hpp"

#include "actors/questions/message_buffer.hpp"
#include "actors/stages/stage_site.hpp"
#include "net/dns/response.hpp"
#include "net/endpoint.hpp"
#include "net/loop.hpp"

namespace troupe {

namespace {

constexpr std::array<uint8_t, 4> erratic_v4{192, 0, 2, 53};
constexpr std::array<uint8_t, 16> erratic_v6{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53};
constexpr size_t records_of_large = 30;

/// `erratic`: a server to test clients with, which leaves out, cuts and delays answers by their number.
class erratic_stage final : public stage {
public:
  explicit erratic_stage(const config::erratic_options& options) : options_(options) {}

  std::string_view name() const noexcept override { return "erratic"; }

  step request(net::slot& slot, stage_scope& scope) override {
    const uint64_t number = options_.asked->fetch_add(1, std::memory_order_relaxed);
    const auto falls = [number](uint64_t every) { return every > 0 && number % every == 0; };
    if (falls(options_.drop)) {
      slot.state = net::slot_state::silent;
      return step::answered;
    }
    // CoreDNS asks for a bit here, not for a remainder.
    answer(slot, scope.batch, options_.truncate > 0 && (number & options_.truncate) == 0);
    return falls(options_.delay) ? step::taken : step::answered;
  }

  /// Its answer is there, and waits.
  void take(net::slice one) override {
    net::loop* const here = net::loop::current();
    if (!here)
      return std::move(one).finish();
    auto held = std::make_shared<net::slice>(std::move(one));
    here->at(here->now() + options_.duration, [held] { std::move(*held).finish(); });
  }

private:
  void answer(net::slot& slot, net::batch& batch, bool cut) const {
    const auto type = slot.query.type();
    if (type != dns::rrtype::a && type != dns::rrtype::aaaa)
      return net::answer_code(batch, slot, dns::rcode::servfail);
    dns::response out{scratch_message().first(dns::response_room(slot.query, slot.protocol)), slot.query};
    out.authoritative();
    if (type == dns::rrtype::aaaa)
      out.aaaa(dns::section::answer, dns::in_question(), 0, erratic_v6);
    else
      for (size_t i = 0; i < (options_.large ? records_of_large : 1); ++i)
        out.a(dns::section::answer, dns::in_question(), 0, erratic_v4);
    if (cut)
      out.truncated();
    batch.keep(slot, out.bytes(), out.uncompressed_size());
    slot.rcode = dns::rcode::noerror;
    slot.answered_by = static_cast<uint8_t>(slot.stage + 1);
  }

  const config::erratic_options options_;
};

} // namespace

void make_erratic(stage_site& site) {
  site.add<erratic_stage>(site.block.own<config::erratic_options>("erratic"));
}

} // namespace troupe
