// SPDX-License-Identifier: Apache-2.0
#include "net/rewrite/question.hpp"

#include "net/rewrite/options.hpp"

namespace troupe::rewrite {

namespace {

template <class... Parts>
struct either : Parts... {
  using Parts::operator()...;
};
template <class... Parts>
either(Parts...) -> either<Parts...>;

/// False: it does nothing, whoever asks, as long as no rule before it has put options there.
bool may_apply(const option_rule& r, const dns::edns& asked, bool with_labels) {
  if (r.source == option_source::metadata && !with_labels)
    return false;
  const bool only_new = r.action == option_action::append && r.source != option_source::data;
  return asked.sent(r.code) ? !only_new : r.action != option_action::replace;
}

/// What one rule does to a question.
reach reach_of_one(const rule& one, const dns::query& asked, asked_name& name, bool with_labels) {
  const auto if_matches = [](bool matches, reach then) { return matches ? then : reach::nothing; };
  return std::visit(
    either{
      [&](const name_rule& r) { return if_matches(r.change.pattern().matches(name), reach::question); },
      [&](const type_rule& r) { return if_matches(r.from == asked.qtype, reach::question); },
      [&](const class_rule& r) { return if_matches(r.from == asked.qclass, reach::question); },
      [&](const answer_rule& r) { return if_matches(r.names.matches(name), reach::answer); },
      [&](const target_rule& r) { return if_matches(r.change != nullptr, reach::question); },
      [&](const option_rule& r) { return if_matches(may_apply(r, asked.edns, with_labels), reach::question); },
    },
    one.act);
}

/// Goes through the rules with a question that they change.
class rewriting {
public:
  rewriting(const dns::query& asked, const asker& who) : who_(who), options_(asked.edns) { out_.question = asked; }

  /// False: it does not apply.
  bool apply(const rule& one) {
    return std::visit([this](const auto& r) { return apply_one(r); }, one.act);
  }
  bool is_good() const noexcept { return out_.invalid_name.empty(); }

  rewritten take() && {
    out_.options = std::move(options_).take();
    return std::move(out_);
  }

private:
  bool apply_one(const name_rule& r) {
    asked_name name{out_.question.name_lowered()};
    if (!r.change.pattern().matches(name))
      return false;
    // What octets alone have matched may, in a text with escapes, not be found: then there is nothing to change.
    const auto made = r.change.changed(name.text());
    if (!made)
      return false;
    const auto read = dns::name::from_text(*made);
    if (!read) {
      out_.invalid_name = made->empty() ? "." : *made;
      return true;
    }
    if (r.reverts) {
      const auto back = std::make_shared<const name_change>(matching::at_or_below, read->to_text(), name.text());
      out_.edits.push_back(owner_edit{back});
      out_.edits.push_back(value_edit{back});
    }
    out_.edits.insert(out_.edits.end(), r.answers.begin(), r.answers.end());
    dns::set_name(out_.question, read->wire());
    return true;
  }

  bool apply_one(const type_rule& r) {
    if (out_.question.qtype != r.from)
      return false;
    out_.question.qtype = r.to;
    return true;
  }

  bool apply_one(const class_rule& r) {
    if (out_.question.qclass != r.from)
      return false;
    out_.question.qclass = r.to;
    return true;
  }

  bool apply_one(const answer_rule& r) {
    asked_name name{out_.question.name_lowered()};
    if (!r.names.matches(name))
      return false;
    out_.edits.push_back(r.edit);
    return true;
  }

  bool apply_one(const target_rule& r) {
    if (!r.change)
      return false;
    out_.edits.push_back(target_edit{r.change});
    return true;
  }

  bool apply_one(const option_rule& r) {
    const bool applied = options_.apply(r, out_.question, who_);
    out_.has_options = out_.has_options || applied;
    return applied;
  }

  const asker& who_;
  rewritten out_{};
  option_list options_;
};

} // namespace

reach reach_of(const rules& all, const dns::query& asked, bool with_labels) {
  asked_name name{asked.name_lowered()};
  reach found = reach::nothing;
  for (const rule& one : all) {
    const reach now = reach_of_one(one, asked, name, with_labels);
    if (now == reach::question)
      return now;
    if (now == reach::nothing)
      continue;
    found = now;
    if (!one.goes_on)
      break;
  }
  return found;
}

answer_edits edits_for(const rules& all, const dns::query& asked, bool with_labels) {
  asked_name name{asked.name_lowered()};
  answer_edits out;
  for (const rule& one : all) {
    if (reach_of_one(one, asked, name, with_labels) != reach::answer)
      continue;
    out.push_back(std::get<answer_rule>(one.act).edit);
    if (!one.goes_on)
      break;
  }
  return out;
}

rewritten rewritten_question(const rules& all, const dns::query& asked, const asker& who) {
  rewriting state{asked, who};
  for (const rule& one : all)
    if (state.apply(one) && (!state.is_good() || !one.goes_on))
      break;
  return std::move(state).take();
}

} // namespace troupe::rewrite
