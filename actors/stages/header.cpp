// SPDX-License-Identifier: Apache-2.0
#include "config/directives/header.hpp"

#include "actors/stages/stage_site.hpp"

namespace troupe {

namespace {

/// `header`: sets and clears flags of questions on their way in, and of answers on their way out.
class header_stage final : public stage {
public:
  explicit header_stage(const config::header_options& options) : options_(options) {}

  std::string_view name() const noexcept override { return "header"; }
  other_classes with_other_classes() const noexcept override { return other_classes::take; }

  step request(net::slot& slot, stage_scope&) override {
    slot.query.flags = options_.query.apply(slot.query.flags);
    return step::next;
  }

  void response(net::slot& slot, stage_scope&) override {
    if (slot.rest || slot.message().size() < dns::header_octets)
      return;
    uint8_t* const word = slot.answer.data() + 2;
    const uint16_t flags = options_.response.apply(static_cast<uint16_t>(word[0] << 8 | word[1]));
    word[0] = static_cast<uint8_t>(flags >> 8);
    word[1] = static_cast<uint8_t>(flags);
  }

private:
  const config::header_options options_;
};

} // namespace

void make_header(stage_site& site) {
  site.add<header_stage>(site.block.own<config::header_options>("header"));
}

} // namespace troupe
