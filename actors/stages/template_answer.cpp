// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/template_answer.hpp"

#include "actors/stages/template_values.hpp"
#include "net/master/record_text.hpp"
#include "net/template/text_template.hpp"

#include <re2/re2.h>

namespace troupe {

namespace {

using kind = template_answer::kind;

constexpr uint32_t default_record_ttl = 3600; // miekg/dns's, in seconds
constexpr uint16_t any_of_all = 255;

bool fits_either(uint16_t wanted, uint16_t asked) noexcept {
  return wanted == any_of_all || asked == any_of_all || wanted == asked;
}

/// What an expression found: the whole first, then its groups; those that took no part are empty.
bool find_groups(const re2::RE2& expression, std::string_view name, std::vector<std::string_view>& groups) {
  std::vector<re2::StringPiece> found(static_cast<size_t>(expression.NumberOfCapturingGroups()) + 1);
  if (!expression.Match({name.data(), name.size()}, 0, name.size(), re2::RE2::UNANCHORED, found.data(),
                        static_cast<int>(found.size())))
    return false;
  groups.assign(found.size(), {});
  for (size_t i = 0; i < found.size(); ++i)
    if (found[i].data())
      groups[i] = {found[i].data(), found[i].size()};
  return true;
}

class answer_writer {
public:
  answer_writer(const config::template_options& use, const net::slot& slot, const template_values& values)
    : use_(use), query_(slot.query), values_(values) {}

  template_answer run() {
    out_.matched = true;
    out_.is = kind::failed;
    if (use_.code == dns::rcode::servfail)
      return std::move(out_);
    begin();
    if (!add(use_.answer, dns::section::answer) || !add(use_.additional, dns::section::additional) ||
        !add(use_.authority, dns::section::authority))
      return std::move(out_);
    out_.is = kind::made;
    out_.code = use_.code;
    out_.reason = use_.reason ? &*use_.reason : nullptr;
    return std::move(out_);
  }

private:
  void begin() {
    constexpr uint16_t opcode_bits = 0x7800, kept = dns::flag::rd | dns::flag::cd;
    out_.message.id = query_.id;
    out_.message.flags = static_cast<uint16_t>(dns::flag::qr | dns::flag::aa | (query_.flags & (opcode_bits | kept)) |
                                               (static_cast<uint16_t>(use_.code) & 15));
    const auto asked = dns::name::from_wire(query_.name_as_sent());
    out_.message.questions.push_back({asked.value_or(dns::name{}), query_.qtype, query_.qclass});
  }

  bool add(const config::template_options::list& each, dns::section where) {
    for (const auto& one : each) {
      auto made = one->execute(templates::host(values_));
      if (auto* bad = std::get_if<templates::text_template::failure>(&made))
        return fail(kind::template_failed, std::move(bad->words));
      auto read = master::record_from_text(std::get<std::string>(made), dns::name{}, default_record_ttl);
      if (auto* bad = std::get_if<std::string>(&read))
        return fail(kind::record_failed, std::move(*bad));
      auto& record = std::get<dns::record>(read);
      if (where == dns::section::answer && leads_on(record))
        out_.aliases.push_back(out_.message[where].size());
      out_.message[where].push_back(std::move(record));
    }
    return true;
  }

  bool leads_on(const dns::record& record) const noexcept {
    const bool address = query_.type() == dns::rrtype::a || query_.type() == dns::rrtype::aaaa;
    return address && record.type == static_cast<uint16_t>(dns::rrtype::cname);
  }

  bool fail(kind how, std::string words) {
    out_.is = how;
    out_.failure = std::move(words);
    return false;
  }

  const config::template_options& use_;
  const dns::query& query_;
  const template_values& values_;
  template_answer out_;
};

} // namespace

template_answer answer_by_template(const config::template_list& uses, const net::slot& slot,
                                   const question_labels& labels) {
  const dns::query& query = slot.query;
  const dns::name_view lowered = query.name_lowered();
  std::string name;
  std::vector<std::string_view> groups;
  for (const auto& use : uses) {
    const uint32_t zone = use.zones.longest(lowered);
    if (zone == config::zone_index::none || !fits_either(use.rrclass, query.qclass) ||
        !fits_either(use.type, query.qtype))
      continue;
    if (name.empty())
      name = dns::to_text(lowered);
    for (const auto& match : use.match)
      if (find_groups(*match.expression, name, groups)) {
        const template_values values{use, slot, use.zone_text[zone], name, match, groups, labels};
        return answer_writer{use, slot, values}.run();
      }
    if (use.fallthrough.longest(lowered) == config::zone_index::none) {
      template_answer out;
      out.is = kind::failed;
      return out;
    }
  }
  return {};
}

} // namespace troupe
