// SPDX-License-Identifier: Apache-2.0
#include "net/rewrite/name_change.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

namespace troupe::rewrite {

namespace {

/// The wire form of a text that is written the way names are: whoever compares octets then compares texts.
std::optional<dns::name> plain_name(std::string_view text) {
  auto read = dns::name::from_text(text);
  return read && read->to_text() == text ? read : std::nullopt;
}

void append_bounded(std::string& to, std::string_view more) {
  to += more.substr(0, max_text_octets - std::min(max_text_octets, to.size()));
}

bool is_below(std::string_view text, std::string_view name) noexcept {
  return text.size() > name.size() && text.ends_with(name) && text[text.size() - name.size() - 1] == '.';
}

std::string replace_each(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  while (out.size() < max_text_octets) {
    const size_t found = text.find(from);
    append_bounded(out, text.substr(0, found));
    if (found == text.npos)
      break;
    append_bounded(out, to);
    text.remove_prefix(found + from.size());
  }
  return out;
}

/// The number between braces at the front of `rest`, if it is written without leading zeros and one of `groups`.
std::optional<int> group_at(std::string_view rest, int groups) {
  const size_t close = rest.find('}');
  if (!rest.starts_with('{') || close == rest.npos)
    return std::nullopt;
  const std::string_view digits = rest.substr(1, close - 1);
  int number = -1;
  const auto [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool good = problem == std::errc{} && stop == digits.data() + digits.size() && digits[0] != '-' &&
                    (digits.size() == 1 || digits[0] != '0');
  return good && number <= groups ? std::optional{number} : std::nullopt;
}

} // namespace

name_pattern::name_pattern(matching how, std::string text) : how_(how), text_(std::move(text)) {
  find_wire();
}

name_pattern::name_pattern(expression_ptr expression)
  : how_(matching::expression), expression_(std::move(expression)) {}

void name_pattern::find_wire() {
  if (how_ == matching::exact || how_ == matching::prefix) {
    const auto whole = plain_name(text_);
    if (!whole || (how_ == matching::prefix && whole->is_root())) // `.` begins the root's text alone
      return;
    wire_.assign(whole->wire().begin(), whole->wire().end());
    if (how_ == matching::prefix)
      wire_.pop_back();
    return;
  }
  const size_t dot = text_.find('.');
  if (how_ != matching::suffix || dot == text_.npos || text_ == "." || text_.find('\\') != text_.npos)
    return;
  const std::string_view part = std::string_view{text_}.substr(0, dot), rest = std::string_view{text_}.substr(dot + 1);
  const auto label = plain_name(std::string{part} + ".");
  const auto names = rest.empty() ? std::optional{dns::name{}} : plain_name(rest);
  if (!names || !label || rest == ".")
    return;
  wire_.assign(part.begin(), part.end());
  wire_.insert(wire_.end(), names->wire().begin(), names->wire().end());
  part_octets_ = part.size();
}

/// Octets alone do not tell: one that is a length here may be part of a label there. So labels are walked.
bool name_pattern::ends_in_wire(dns::name_view asked) const noexcept {
  if (asked.size() < wire_.size() || !std::ranges::equal(asked.last(wire_.size()), wire_))
    return false;
  const size_t border = asked.size() - (wire_.size() - part_octets_);
  size_t at = 0, octets = 0;
  while (at < border) {
    octets = asked[at];
    at += 1 + octets;
  }
  return at == border && border > 0 && octets >= part_octets_;
}

bool name_pattern::matches(asked_name& asked) const {
  if (wire_.empty())
    return matches(asked.text());
  const dns::name_view wire = asked.wire();
  switch (how_) {
  case matching::exact:
    return std::ranges::equal(wire, wire_);
  case matching::prefix:
    return wire.size() > wire_.size() && std::ranges::equal(wire.first(wire_.size()), wire_);
  default:
    return ends_in_wire(wire);
  }
}

bool name_pattern::matches(std::string_view text) const {
  switch (how_) {
  case matching::exact:
    return text == text_;
  case matching::at_or_below:
    return text == text_ || is_below(text, text_);
  case matching::prefix:
    return text.starts_with(text_);
  case matching::suffix:
    return text.ends_with(text_);
  case matching::substring:
    return text.find(text_) != text.npos;
  case matching::expression:
    return re2::RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, *expression_);
  }
  return false;
}

name_change::name_change(matching how, std::string from, std::string to)
  : pattern_(how, std::move(from)), to_(std::move(to)) {}

name_change::name_change(expression_ptr expression, const std::string& to) : pattern_(std::move(expression)), to_(to) {
  const int known = pattern_.expression().NumberOfCapturingGroups();
  std::string_view rest = to_;
  pieces_.push_back({});
  while (!rest.empty()) {
    if (const auto group = group_at(rest, known)) {
      pieces_.push_back({{}, *group});
      pieces_.push_back({});
      groups_ = std::max(groups_, *group + 1);
      rest.remove_prefix(rest.find('}') + 1);
    } else {
      pieces_.back().text += rest[0];
      rest.remove_prefix(1);
    }
  }
}

std::optional<std::string> name_change::changed(std::string_view text) const {
  if (pattern_.how() != matching::expression)
    return pattern_.matches(text) ? std::optional{written(text)} : std::nullopt;
  std::vector<re2::StringPiece> caught(static_cast<size_t>(groups_));
  const re2::StringPiece subject{text.data(), text.size()};
  if (!pattern_.expression().Match(subject, 0, text.size(), re2::RE2::UNANCHORED, caught.data(), groups_))
    return std::nullopt;
  std::string out;
  for (const piece& each : pieces_) {
    if (each.group < 0)
      append_bounded(out, each.text);
    else if (const re2::StringPiece& part = caught[static_cast<size_t>(each.group)]; part.data())
      append_bounded(out, {part.data(), part.size()});
  }
  return out;
}

/// Of a text that matches, and not by an expression.
std::string name_change::written(std::string_view text) const {
  const std::string& from = pattern_.text();
  std::string out;
  switch (pattern_.how()) {
  case matching::prefix:
    append_bounded(out, to_);
    append_bounded(out, text.substr(from.size()));
    return out;
  case matching::substring:
    return from.empty() ? std::string{text} : replace_each(text, from, to_);
  default:
    append_bounded(out, text.substr(0, text.size() - from.size()));
    append_bounded(out, to_);
    return out;
  }
}

} // namespace troupe::rewrite
