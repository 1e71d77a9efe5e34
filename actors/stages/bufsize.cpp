// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/stage_site.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// `bufsize`: answers by UDP have no more octets than that, whatever the client takes.
class bufsize_stage final : public stage {
public:
  explicit bufsize_stage(uint16_t octets) : octets_(octets) {}

  std::string_view name() const noexcept override { return "bufsize"; }
  other_classes with_other_classes() const noexcept override { return other_classes::take; }

  step request(net::slot& slot, stage_scope&) override {
    slot.query.edns.udp_payload = std::min(slot.query.edns.udp_payload, octets_);
    return step::next;
  }

private:
  const uint16_t octets_;
};

} // namespace

void make_bufsize(stage_site& site) {
  site.add<bufsize_stage>(site.block.own<uint16_t>("bufsize"));
}

} // namespace troupe
