// SPDX-License-Identifier: Apache-2.0
#include "net/rewrite/answer.hpp"

#include <algorithm>
#include <utility>

namespace troupe::rewrite {

namespace {

constexpr dns::section editing_order[] = {dns::section::authority, dns::section::answer, dns::section::additional};

constexpr auto cname_type = static_cast<uint16_t>(dns::rrtype::cname),
               opt_type = static_cast<uint16_t>(dns::rrtype::opt);

enum class name_found : uint8_t { none, replaced, invalid };

/// Where in the data of `r` the name stands that edits of values see.
std::optional<size_t> value_at(const dns::record& r) {
  switch (static_cast<dns::rrtype>(r.type)) {
  case dns::rrtype::cname:
  case dns::rrtype::dname:
  case dns::rrtype::ns:
  case dns::rrtype::ptr:
  case dns::rrtype::soa:
    return 0;
  case dns::rrtype::mx:
    return 2;
  case dns::rrtype::srv:
    return 6;
  case dns::rrtype::naptr: {
    size_t at = 4; // order and preference, then three strings (RFC 3403 section 4.1)
    for (int strings = 0; strings < 3 && at < r.data.size(); ++strings)
      at += size_t{1} + r.data[at];
    return at;
  }
  default:
    return std::nullopt;
  }
}

/// Nothing if there is none: data of other classes may be anything.
std::optional<dns::name_view> value_of(const dns::record& r, size_t at) {
  if (at >= r.data.size())
    return std::nullopt;
  const dns::name_view rest = dns::name_view{r.data}.subspan(at);
  const size_t octets = dns::name_length(rest);
  return octets == 0 ? std::nullopt : std::optional{rest.first(octets)};
}

void set_value(dns::record& r, size_t at, size_t octets, const dns::name& to) {
  std::vector<uint8_t> data(r.data.begin(), r.data.begin() + static_cast<std::ptrdiff_t>(at));
  data.insert(data.end(), to.wire().begin(), to.wire().end());
  data.insert(data.end(), r.data.begin() + static_cast<std::ptrdiff_t>(at + octets), r.data.end());
  r.data = std::move(data);
}

/// False: what it became is no name.
bool edit_owner(dns::record& r, const name_change& change) {
  const auto made = change.changed(r.owner.to_text());
  if (!made)
    return true;
  const auto read = dns::name::from_text(*made);
  if (read)
    r.owner = *read;
  return read.has_value();
}

bool edit_value(dns::record& r, const name_change& change) {
  const auto at = value_at(r);
  const auto value = at ? value_of(r, *at) : std::nullopt;
  const auto made = value ? change.changed(dns::to_text(*value)) : std::nullopt;
  if (!made)
    return true;
  const auto read = dns::name::from_text(*made);
  if (read)
    set_value(r, *at, value->size(), *read);
  return read.has_value();
}

} // namespace

answer_editing::step answer_editing::go_on() {
  for (; section_ < std::size(editing_order); ++section_, record_ = 0, cut_ = false) {
    auto& records = message_[editing_order[section_]];
    for (; record_ < records.size() && !(cut_ && !begun_); ++record_, begun_ = false) {
      if (records[record_].type == opt_type)
        continue;
      has_records_ = true;
      if (!std::exchange(begun_, true))
        left_ = edits_.size();
      while (left_ > 0)
        if (const step now = go_on_with(records[record_], edits_[--left_]); now != step::done)
          return now;
    }
  }
  if (!std::exchange(has_records_, true))
    for (size_t i = edits_.size(); i > 0; --i)
      if (const auto* edit = std::get_if<code_edit>(&edits_[i - 1]); edit && code_ == edit->from)
        code_ = edit->to;
  return step::done;
}

answer_editing::step answer_editing::go_on_with(dns::record& record, const answer_edit& edit) {
  if (const auto* owner = std::get_if<owner_edit>(&edit))
    return edit_owner(record, *owner->change) ? step::done : step::failed;
  if (const auto* value = std::get_if<value_edit>(&edit))
    return edit_value(record, *value->change) ? step::done : step::failed;
  if (const auto* ttl = std::get_if<ttl_edit>(&edit))
    record.ttl = std::clamp(record.ttl, ttl->least, ttl->most);
  else if (const auto* code = std::get_if<code_edit>(&edit))
    code_ = code_ == code->from ? code->to : code_;
  else if (editing_order[section_] == dns::section::answer && record.type == cname_type)
    return look_for(record, *std::get<target_edit>(edit).change);
  return step::done;
}

answer_editing::step answer_editing::look_for(const dns::record& record, const name_change& change) {
  const auto value = value_of(record, 0);
  const auto made = value ? change.changed(dns::to_text(*value)) : std::nullopt;
  const auto read = made ? dns::name::from_text(*made) : std::nullopt;
  if (!read)
    return step::done;
  target_ = *read;
  return step::looks_up;
}

void answer_editing::looked_up(const dns::message* found) {
  if (!found)
    return;
  auto& answers = message_[dns::section::answer];
  answers[record_].data.assign(target_.wire().begin(), target_.wire().end());
  std::vector<dns::record> chain;
  for (size_t i = 0; i <= record_; ++i)
    if (answers[i].type == cname_type)
      chain.push_back(std::move(answers[i]));
  record_ = chain.size() - 1;
  const auto& more = (*found)[dns::section::answer];
  chain.insert(chain.end(), more.begin(), more.end());
  answers = std::move(chain);
  message_.flags = static_cast<uint16_t>((message_.flags & ~dns::flag::tc) | (found->flags & dns::flag::tc));
  cut_ = true;
}

} // namespace troupe::rewrite
