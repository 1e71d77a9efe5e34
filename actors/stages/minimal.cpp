// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/edited_answer.hpp"
#include "actors/stages/stage_site.hpp"

#include <algorithm>

namespace troupe {

namespace {

bool has(const std::vector<dns::record>& records, dns::rrtype type) {
  return std::ranges::any_of(records, [&](auto& record) { return record.type == static_cast<uint16_t>(type); });
}

/// No denial, and no referral: those say what they say in the authority section.
bool is_positive(const dns::message& message) {
  if (!message[dns::section::answer].empty())
    return true;
  const auto& authority = message[dns::section::authority];
  return !has(authority, dns::rrtype::soa) && !has(authority, dns::rrtype::ns);
}

/// `minimal`: positive answers without authority and additional sections.
class minimal_stage final : public stage {
public:
  std::string_view name() const noexcept override { return "minimal"; }

  void response(net::slot& slot, stage_scope& scope) override {
    if (slot.rcode != dns::rcode::noerror || slot.query.is_transfer())
      return;
    edit_answer(scope.batch, slot, [](dns::message& message) {
      if (!is_positive(message))
        return false;
      message.sections[1].clear();
      message.sections[2].clear();
      return true;
    });
  }
};

} // namespace

void make_minimal(stage_site& site) {
  site.add<minimal_stage>();
}

} // namespace troupe
