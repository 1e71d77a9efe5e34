// SPDX-License-Identifier: Apache-2.0
#include "config/old_use.hpp"

#include <algorithm>
#include <utility>

namespace troupe::config {

namespace {

constexpr size_t longest_line = 200; ///< of modern words in a warning, in octets

/// A word of which the lexer makes `text` again.
std::string written(const std::string& text) {
  const bool plain = !text.empty() && text.front() != '"' && text.find('#') == text.npos &&
                     std::none_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c >= 0x80; });
  if (plain)
    return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"')
      out += '\\';
    out += c;
  }
  return out + '"';
}

std::string in_one_line(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words)
    out += (out.empty() ? "" : " ") + written(word);
  return out;
}

} // namespace

std::string line_of(const tokens& words) {
  std::vector<std::string> texts;
  for (const token& word : words)
    texts.push_back(word.text);
  return in_one_line(texts);
}

old_use::old_use(directive_use& use, old_corefile& around)
  : use_(use), around_(around), name_(use.name), fates_(use.words.size()) {
  const auto& words = use_.words;
  while (brace_ < words.size() && words[brace_].text != "{")
    ++brace_;
  size_t depth = 0;
  const size_t end = brace_ < words.size() ? words.size() - 1 : brace_; // the last one closes the first
  for (size_t i = brace_; i < end; ++i) {
    const bool opens = words[i].text == "{", closes = words[i].text == "}";
    if (depth == 1 && !closes && (options_.empty() || words[i].starts_line))
      options_.push_back({i, i});
    if (depth > 0 && !options_.empty())
      options_.back().end = i + 1;
    depth = opens ? depth + 1 : closes ? depth - 1 : depth;
  }
}

std::vector<std::string> old_use::arguments(option_words of) const {
  std::vector<std::string> found;
  for (size_t i = of.first + 1; i < of.end; ++i)
    found.push_back(word(i));
  return found;
}

spelled_word old_use::spelled(size_t i) const {
  const token& word = use_.words[i];
  if (!is_ours(i))
    return {word.text, written(word.text)};
  return {word.text, std::string{around_.text.substr(word.begin, word.end - word.begin)}};
}

void old_use::replace(size_t word, std::vector<std::string> by) {
  fates_[word].by = std::move(by);
}

void old_use::drop(option_words of) {
  drops_.push_back(of);
  for (size_t i = of.first; i < of.end; ++i)
    fates_[i].dropped = true;
}

void old_use::put_line_behind(option_words of, std::vector<std::string> words) {
  fates_[of.end - 1].behind = std::move(words);
  fates_[of.end - 1].option = of.first;
}

void old_use::allow_transfer(option_words addresses) {
  transfers_.push_back(addresses);
}

added_directive old_use::beside(size_t of_word) const {
  const token& first = use_.words.front();
  const bool printed = is_ours(0) && is_ours(of_word);
  return {use_.words[of_word], printed, printed ? indentation(around_.text, first.begin) : "", line_end(around_.text)};
}

void old_use::add(added_directive directive) {
  around_.block_forwards |= directive.words().front().text == "forward";
  added_.push_back(std::move(directive));
}

void old_use::notice(option_words of, const old_word& word, const std::string& fate) {
  std::string called{word.called};
  if (called.empty())
    called = word.option.empty() ? "'" + std::string{word.directive} + "'"
                                 : "'" + std::string{word.option} + "' of '" + std::string{word.directive} + "'";
  notices_.push_back({of.first,
                      {use_.words[of.first].at(), called + " went with CoreDNS " + std::string{word.went} + "; " + fate,
                       is_ours(of.first)}});
}

void old_use::notice_read_as(option_words of, const old_word& word) {
  std::vector<std::string> words;
  for (size_t i = of.first; i < of.end; ++i) {
    if (fates_[i].dropped)
      continue;
    if (fates_[i].by.empty())
      words.push_back(this->word(i));
    words.insert(words.end(), fates_[i].by.begin(), fates_[i].by.end());
  }
  std::string line = in_one_line(words);
  if (line.size() > longest_line)
    line = line.substr(0, longest_line) + "…";
  notice(of, word, "read as \"" + line + "\"");
}

bool old_use::has_comment(size_t first, size_t end) const {
  for (size_t i = first; i + 1 < end; ++i) {
    const token &one = use_.words[i], &next = use_.words[i + 1];
    if (is_ours(i) && is_ours(i + 1) && one.end < next.begin &&
        around_.text.substr(one.end, next.begin - one.end).find('#') != std::string_view::npos)
      return true;
  }
  return false;
}

/// Braces around nothing go, unless a comment stands there.
bool old_use::braces_go() const {
  if (options_.empty() || has_comment(brace_, use_.words.size()))
    return false;
  for (size_t i = options_.front().first; i < options_.back().end; ++i)
    if (!fates_[i].dropped || !fates_[i].behind.empty())
      return false;
  return true;
}

/// What is imported inside of its braces is a line of the text like any other.
std::optional<option_words> old_use::in_text() const {
  const token &first = use_.words.front(), &last = use_.words.back();
  if (!is_ours(0) || !is_ours(use_.words.size() - 1) || last.end < first.end)
    return std::nullopt;
  return option_words{first.begin, last.end};
}

void old_use::add_transfer() {
  if (transfers_.empty())
    return;
  auto transfer = beside(transfers_.front().first);
  transfer.add("transfer");
  const size_t first = name_ == "file" ? 2 : 1; // the file's name comes first
  // Of several zones of `kubernetes` corefile-migration takes the first; the others are reverse zones.
  const size_t end = name_ == "kubernetes" ? std::min<size_t>(2, brace_) : brace_;
  for (size_t i = first; i < end; ++i)
    transfer.add(spelled(i));
  transfer.open().add("to");
  for (const auto& addresses : transfers_)
    for (size_t i = addresses.first; i < addresses.end; ++i)
      transfer.add(spelled(i));
  add(std::move(transfer.close()));
}

void old_use::add_edits(outcome& out, bool braces) const {
  const auto& words = use_.words;
  const auto cut = [&](size_t first, size_t end, uint32_t begin) {
    if (is_ours(first) && is_ours(end - 1) && begin <= words[end - 1].end)
      out.edits.push_back({begin, words[end - 1].end, {}});
  };
  if (braces)
    cut(brace_, words.size(), words[brace_ - 1].end);
  for (const auto& drop : drops_)
    cut(drop.first, drop.end, words[drop.first].begin);
  for (size_t i = 0; i < words.size(); ++i) {
    if (!is_ours(i))
      continue;
    if (!fates_[i].by.empty())
      out.edits.push_back({words[i].begin, words[i].end, in_one_line(fates_[i].by)});
    if (fates_[i].behind.empty())
      continue;
    const auto at = static_cast<uint32_t>(end_of_line(around_.text, words[i].end));
    out.edits.push_back({at, at,
                         std::string{line_end(around_.text)} +
                           indentation(around_.text, words[fates_[i].option].begin) + in_one_line(fates_[i].behind)});
  }
  for (const auto& directive : added_) {
    if (!directive.printed() || !is_ours(words.size() - 1))
      continue;
    const auto at = static_cast<uint32_t>(end_of_line(around_.text, words.back().end));
    out.edits.push_back({at, at, directive.text()});
  }
}

void old_use::rewrite(bool braces) {
  tokens modern;
  for (size_t i = 0; i < use_.words.size(); ++i) {
    token word = use_.words[i];
    if (braces && i >= brace_)
      break;
    const auto push = [&](const std::vector<std::string>& texts, bool starts_line) {
      for (const auto& text : texts) {
        modern.push_back(word);
        modern.back().text = text;
        modern.back().starts_line = std::exchange(starts_line, false);
      }
    };
    if (!fates_[i].dropped)
      push(fates_[i].by.empty() ? std::vector{word.text} : fates_[i].by, word.starts_line);
    push(fates_[i].behind, true);
  }
  use_.words = std::move(modern);
  use_.name = name_;
}

old_use::outcome old_use::finish() {
  outcome out;
  add_transfer();
  std::stable_sort(notices_.begin(), notices_.end(), [](auto& a, auto& b) { return a.first < b.first; });
  for (auto& [at, notice] : notices_)
    out.notices.push_back(std::move(notice));
  out.in_text = in_text();
  if (all_dropped_) {
    if (out.in_text)
      out.edits.push_back({static_cast<uint32_t>(out.in_text->first), static_cast<uint32_t>(out.in_text->end), {}});
    use_.words.clear();
    return out;
  }
  const bool braces = braces_go();
  add_edits(out, braces);
  rewrite(braces);
  for (const auto& directive : added_)
    out.beside.push_back({directive.words().front().text, directive.words()});
  return out;
}

} // namespace troupe::config
