// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/metadata.hpp"

namespace troupe {

std::optional<std::string> block_labels::find(std::string_view label, const net::slot& asked) const {
  if (zones.longest(asked.query.name_lowered()) == config::zone_index::none)
    return std::nullopt;
  for (const auto& each : providers)
    if (label.starts_with(each->prefix()))
      return each->label(label.substr(each->prefix().size()), asked);
  return std::nullopt;
}

void plan_labels::enter(size_t block, std::unique_ptr<block_labels> labels) {
  if (blocks_.size() <= block)
    blocks_.resize(block + 1);
  blocks_[block] = std::move(labels);
}

const block_labels* plan_labels::of(const net::slot& asked) const {
  const block_labels* last = of_block(asked.block);
  if (!listener_.has_views || (last && asked.query.type() != dns::rrtype::ds))
    return last;
  // The walk that found the block. It goes on for DS, which may belong to a shorter zone.
  const bool to_the_end = asked.query.type() == dns::rrtype::ds;
  last = nullptr;
  listener_.walk(asked.query.name_lowered(), [&](const config::served_zone& each) {
    if (to_the_end && each.zone.size() == 1 && listener_.zones[asked.zone].zone.size() != 1)
      return true; // the root is looked at only where nothing else was found
    if (const block_labels* own = of_block(each.block))
      last = own;
    return !to_the_end && &each == &listener_.zones[asked.zone];
  });
  return last;
}

std::optional<std::string> question_labels::find(std::string_view label) const {
  const block_labels* const known = all_ ? all_->of(asked()) : nullptr;
  if (!known)
    return std::nullopt;
  const bool of_upstream = label == "forward/upstream";
  if (!of_upstream && label != "zone/wildcard")
    return known->find(label, asked());
  const auto notes = home_.notes_of(slot_);
  const std::string nothing;
  const std::string& said = !notes ? nothing : of_upstream ? notes->upstream : notes->wildcard;
  return said.empty() ? std::nullopt : std::optional{said};
}

} // namespace troupe
