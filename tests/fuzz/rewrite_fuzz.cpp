// SPDX-License-Identifier: Apache-2.0
// Hostile names, patterns and answers through the rules of `rewrite`: octets and texts tell the same, what comes out
// stays within its bounds and can be written, and it ends.
#include "net/dns/message_writer.hpp"
#include "net/rewrite/answer.hpp"
#include "net/rewrite/question.hpp"

#include <re2/re2.h>

#include <cstdlib>

using namespace troupe;
using namespace troupe::rewrite;

namespace {

void require(bool good) {
  if (!good)
    std::abort();
}

/// Takes the input apart: pieces begin with their length.
class input {
public:
  input(const uint8_t* data, size_t size) : rest_(data, size) {}

  uint8_t octet() {
    if (rest_.empty())
      return 0;
    const uint8_t out = rest_.front();
    rest_ = rest_.subspan(1);
    return out;
  }
  std::string text() {
    const size_t octets = std::min<size_t>(octet(), rest_.size());
    std::string out(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(octets));
    rest_ = rest_.subspan(octets);
    return out;
  }
  std::span<const uint8_t> rest() const { return rest_; }

private:
  std::span<const uint8_t> rest_;
};

expression_ptr expression_of(const std::string& text) {
  re2::RE2::Options options{re2::RE2::Quiet};
  options.set_max_mem(1 << 20);
  auto made = std::make_shared<const re2::RE2>(text.substr(0, 40), options);
  return made->ok() ? made : nullptr;
}

std::optional<name_change> change_of(uint8_t kind, const std::string& from, const std::string& to) {
  const auto how = static_cast<matching>(kind % 6);
  if (how != matching::expression)
    return name_change{how, from, to};
  if (auto made = expression_of(from))
    return name_change{std::move(made), to};
  return std::nullopt;
}

/// Octets and text tell the same, but where an escape's digits stand for the end of a pattern.
void check_matching(const name_pattern& pattern, const dns::query& q) {
  asked_name by_wire{q.name_lowered()};
  const bool matches = pattern.matches(by_wire);
  const std::string text = dns::to_text(q.name_lowered());
  if (text.find('\\') == text.npos)
    require(matches == pattern.matches(text));
}

void check_answer(const dns::message& read, const rules& all, const dns::query& q) {
  const auto made = rewritten_question(all, q, {});
  require(made.options.size() <= dns::max_upstream_option_octets);
  require(made.invalid_name.size() <= max_text_octets);
  if (!made.invalid_name.empty())
    return;
  answer_editing editing{read, 0, made.edits};
  for (int lookups = 0;; ++lookups) {
    const auto now = editing.go_on();
    if (now != answer_editing::step::looks_up)
      break;
    require(lookups < 3); // rules are three, and each alias is looked up once
    editing.looked_up(&read);
  }
  std::vector<uint8_t> out(dns::max_message_octets);
  const size_t size = dns::write_message(editing.message(), out);
  require(size > 0 && std::holds_alternative<dns::message_view>(dns::view_message({out.data(), size})));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  input in{data, size};
  rules all;
  for (int i = 0; i < 3; ++i) {
    const uint8_t what = in.octet();
    const std::string from = in.text(), to = in.text();
    const auto change = change_of(what, from, to);
    if (!change)
      continue;
    const auto shared = std::make_shared<const name_change>(*change);
    if (what & 0x80)
      all.push_back({true, target_rule{shared}});
    else
      all.push_back({true, name_rule{*change, (what & 0x40) != 0, {owner_edit{shared}, value_edit{shared}}}});
    all.push_back({true, option_rule{option_action::append, option_source::qname, what}});
  }
  dns::query q;
  const auto read = dns::read_message(in.rest());
  const auto* const message = std::get_if<dns::message>(&read);
  if (!message || message->questions.empty())
    return 0;
  dns::set_name(q, message->questions.front().owner.wire());
  q.qtype = q.qclass = 1;
  for (const rule& each : all)
    if (const auto* named = std::get_if<name_rule>(&each.act))
      check_matching(named->change.pattern(), q);
  if (reach_of(all, q) == reach::answer)
    require(edits_for(all, q).size() <= all.size());
  check_answer(*message, all, q);
  return 0;
}
