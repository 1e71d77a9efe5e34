// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/stage.hpp"
#include "actors/stages/transferable.hpp"
#include "config/directives/transfer.hpp"
#include "net/socket.hpp"

namespace troupe {

/// `transfer`: answers AXFR and IXFR for the zones of stages behind it, by TCP and to those named (RFC 5936, RFC 1995).
/// That zones have changed is told by the actor NOTIFY.
class transfer_stage final : public stage {
public:
  explicit transfer_stage(const std::vector<config::transfer_options>& uses);

  std::string_view name() const noexcept override { return "transfer"; }
  step request(net::slot& slot, stage_scope& scope) override;

  /// In the order in which they are to be asked; `zones` lives as long as this.
  void offer(const transferable& zones) { zones_.push_back(&zones); }

private:
  bool allowed(const config::transfer_options& use, const net::peer& from) const noexcept;

  std::vector<config::transfer_options> uses_;
  std::vector<std::vector<net::socket_address>> to_; ///< of each use
  std::vector<const transferable*> zones_;
};

} // namespace troupe
