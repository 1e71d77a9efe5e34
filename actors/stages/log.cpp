// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/log.hpp"

#include "actors/questions/client.hpp"
#include "actors/runtime/log.hpp"
#include "actors/stages/stage_site.hpp"

namespace troupe {

log_stage::log_stage(const config::log_options& options, std::string local, const plan_labels* labels)
  : local_(std::move(local)), labels_(labels) {
  for (auto& from : options.rules)
    rules_.push_back({from.scope, from.classes, log_format{from.format}});
}

void log_stage::response(net::slot& slot, stage_scope& scope) {
  for (const rule& r : rules_) {
    if (!dns::is_subdomain(slot.query.name_lowered(), r.scope.wire()))
      continue;
    if ((response_class(slot.query, slot.message(), slot.rcode) & r.classes) == 0)
      return;
    const std::string remote = client_text(slot.from), local = server_text(slot.from, local_);
    const question_labels labels{labels_, scope.batch, slot};
    const log_facts facts{slot.query,
                          slot.message(),
                          slot.rcode,
                          remote,
                          local,
                          port_of(slot.from),
                          slot.protocol,
                          std::chrono::steady_clock::now() - slot.arrived,
                          slot.streamed ? slot.uncompressed_octets : 0,
                          labels_ ? &labels : nullptr};
    std::string line;
    r.format.append(line, facts);
    log::write(log::level::info, line);
    return;
  }
}

void make_log(stage_site& site) {
  site.add<log_stage>(*site.block.log, site.listener.host, site.labels);
}

} // namespace troupe
