// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/host.hpp"
#include "actors/stages/stage_site.hpp"
#include "net/dns/edns_options.hpp"

namespace troupe {

namespace {

/// `nsid`: says which server this is to clients that ask for it (RFC 5001).
class nsid_stage final : public stage {
public:
  explicit nsid_stage(std::string identifier) : identifier_(std::move(identifier)) {}

  std::string_view name() const noexcept override { return "nsid"; }

  void response(net::slot& slot, stage_scope& scope) override {
    if (slot.query.edns.wants_nsid && !slot.complete && !slot.rest && !slot.streamed)
      scope.batch.add_option(slot, static_cast<uint16_t>(dns::edns_option::nsid),
                             {reinterpret_cast<const uint8_t*>(identifier_.data()), identifier_.size()});
  }

private:
  const std::string identifier_;
};

} // namespace

void make_nsid(stage_site& site) {
  const auto& named = site.block.own<std::string>("nsid");
  site.add<nsid_stage>(named.empty() ? host::host_name() : named);
}

} // namespace troupe
