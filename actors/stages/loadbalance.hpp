// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/stage.hpp"
#include "net/dns/response.hpp"

namespace troupe {

/// `loadbalance`: the addresses of an answer in random order.
class loadbalance_stage final : public stage {
public:
  std::string_view name() const noexcept override { return "loadbalance"; }

  void response(net::slot& slot, stage_scope&) override {
    if (slot.rcode == dns::rcode::noerror)
      dns::shuffle_addresses(slot.message(), random_);
  }

private:
  uint64_t random_ = 0x2545f4914f6cdd1d ^ reinterpret_cast<uintptr_t>(this); ///< spreading, not secrecy
};

} // namespace troupe
