// SPDX-License-Identifier: Apache-2.0
#include "config/modernise.hpp"

#include "config/directives.hpp"
#include "config/zone_key.hpp"

#include <algorithm>
#include <set>

namespace troupe::config {

namespace {

/// A directive on its way, with what its text becomes.
struct piece {
  directive_use use;
  bool was_proxy = false;
  std::optional<option_words> in_text;
  std::vector<edit> edits;
};

class pass {
public:
  pass(const parse_result& parsed, std::string_view text) : around_{parsed.file, text} {}

  modern_words run(std::vector<raw_block>& blocks) {
    for (raw_block& block : blocks) {
      const auto old = [](const directive_use& use) { return may_be_old(use.name); };
      if (std::any_of(block.directives.begin(), block.directives.end(), old))
        modernise_block(block);
    }
    return std::move(out_);
  }

private:
  void modernise_block(raw_block& block) {
    const auto forwards = [](const directive_use& use) { return use.name == "forward" || use.name == "proxy"; };
    around_.block_forwards = std::any_of(block.directives.begin(), block.directives.end(), forwards);
    std::vector<piece> pieces;
    for (directive_use& use : block.directives)
      modernise_use(use, pieces);
    if (std::any_of(pieces.begin(), pieces.end(), [](const piece& p) { return p.was_proxy; }))
      put_in_order(pieces);
    block.directives.clear();
    for (piece& p : pieces) {
      std::move(p.edits.begin(), p.edits.end(), std::back_inserter(out_.edits));
      if (!p.use.words.empty())
        block.directives.push_back(std::move(p.use));
    }
  }

  void modernise_use(directive_use& use, std::vector<piece>& pieces) {
    const std::string name = use.name;
    if (!may_be_old(name) && name != "forward") {
      pieces.push_back({std::move(use), false, {}, {}});
      return;
    }
    old_use editor{use, around_};
    for (const option_words& option : editor.options()) {
      if (const auto* word = find_old_word(name, editor.word(option.first)))
        word->change(editor, option, *word);
    }
    if (const auto* word = find_old_word(name, ""))
      word->change(editor, {0, 1}, *word);
    auto made = editor.finish();
    for (auto& notice : made.notices)
      say(std::move(notice));
    pieces.push_back({std::move(use), name == "proxy", made.in_text, std::move(made.edits)});
    for (auto& added : made.beside)
      pieces.push_back({std::move(added), false, {}, {}});
  }

  /// Once, however often its file or its snippet is imported.
  void say(old_notice notice) {
    if (said_.insert(notice.line()).second)
      out_.notices.push_back(std::move(notice));
  }

  static size_t depth(const directive_use& use) {
    if (use.words.size() < 2)
      return 0;
    const auto zones = named_zones({use.words[1].text});
    return zones.empty() ? 0 : zones.front().labels();
  }

  /// `proxy` asked whoever had the longest zone, after every `forward`; `forward` asks the first that fits.
  void put_in_order(std::vector<piece>& pieces) {
    std::vector<size_t> slots, order;
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (pieces[i].use.name == "forward" && !pieces[i].use.words.empty())
        slots.push_back(i);
    }
    order = slots;
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      if (pieces[a].was_proxy != pieces[b].was_proxy)
        return pieces[b].was_proxy;
      return pieces[a].was_proxy && depth(pieces[a].use) > depth(pieces[b].use);
    });
    if (order == slots)
      return;
    for (size_t i = 0; i < slots.size(); ++i) {
      if (slots[i] != order[i]) {
        say({pieces[slots[i]].use.words.front().at(),
             "'proxy' asked whoever has the longest zone, 'forward' whoever comes first; read behind \"" +
               first_line(pieces[order[i]].use) + "\"",
             pieces[slots[i]].in_text.has_value()});
        break;
      }
    }
    move(pieces, slots, order);
  }

  static std::string first_line(const directive_use& use) {
    const auto end = std::find_if(use.words.begin(), use.words.end(), [](const token& t) { return t.text == "{"; });
    return line_of({use.words.begin(), end});
  }

  void move(std::vector<piece>& pieces, const std::vector<size_t>& slots, const std::vector<size_t>& order) {
    std::vector<piece> moved;
    for (size_t i = 0; i < slots.size(); ++i) {
      piece& to = pieces[slots[i]];
      piece& from = pieces[order[i]];
      piece made{from.use, from.was_proxy, to.in_text, {}};
      if (from.in_text && to.in_text)
        made.edits.push_back(
          {static_cast<uint32_t>(to.in_text->first), static_cast<uint32_t>(to.in_text->end), rendered(from)});
      moved.push_back(std::move(made));
    }
    for (size_t i = 0; i < slots.size(); ++i)
      pieces[slots[i]] = std::move(moved[i]);
  }

  std::string rendered(const piece& p) const {
    const auto begin = static_cast<uint32_t>(p.in_text->first);
    auto edits = p.edits;
    for (edit& e : edits)
      e.begin -= begin, e.end -= begin;
    return edited(around_.text.substr(begin, p.in_text->end - begin), std::move(edits));
  }

  modern_words out_;
  old_corefile around_;
  std::set<std::string> said_;
};

bool any_here(const std::vector<old_notice>& notices) {
  return std::any_of(notices.begin(), notices.end(), [](const old_notice& notice) { return notice.here; });
}

bool same_words(const parse_result& one, const parse_result& other) {
  const auto same = [](const token& a, const token& b) { return a.text == b.text; };
  const auto same_use = [&](const directive_use& a, const directive_use& b) {
    return a.name == b.name && std::equal(a.words.begin(), a.words.end(), b.words.begin(), b.words.end(), same);
  };
  return std::equal(one.blocks.begin(), one.blocks.end(), other.blocks.begin(), other.blocks.end(),
                    [&](const raw_block& a, const raw_block& b) {
                      return std::equal(a.keys.begin(), a.keys.end(), b.keys.begin(), b.keys.end(), same) &&
                             std::equal(a.directives.begin(), a.directives.end(), b.directives.begin(),
                                        b.directives.end(), same_use);
                    });
}

} // namespace

std::string old_notice::line() const {
  return at.file + ":" + std::to_string(at.line) + ": " + text;
}

modern_words modernise(parse_result& parsed, std::string_view text) {
  return pass{parsed, text}.run(parsed.blocks);
}

std::variant<modern_corefile, parse_error> migrated(const std::string& file, const std::string& text,
                                                    const environment& env) {
  auto read = parse(file, text, env);
  if (read.error)
    return *read.error;
  auto words = modernise(read, text);
  modern_corefile out{edited(text, words.edits), std::move(words.notices)};
  if (!any_here(out.notices))
    return out;
  auto again = parse(file, out.text, env);
  if (!again.error && !any_here(modernise(again, out.text).notices) && same_words(read, again))
    return out;
  return error_at(out.notices.front().at,
                  "the modern Corefile cannot be printed: what is imported would have to say different things in "
                  "different places; change the old words by hand, -validate names them");
}

} // namespace troupe::config
