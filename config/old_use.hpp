// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/edits.hpp"
#include "config/old_words.hpp"
#include "config/parser.hpp"

#include <optional>

namespace troupe::config {

/// A word of an old version of CoreDNS, and what it is read as.
struct old_notice {
  place at;
  std::string text;
  bool here; ///< in the Corefile itself, not in a file that is imported

  std::string line() const; ///< `Corefile:5: …`
};

/// What the uses of a Corefile have in common while words of old become modern.
struct old_corefile {
  std::shared_ptr<const std::string> file; ///< the Corefile's own name, as its tokens have it
  std::string_view text;                   ///< of that file
  bool block_forwards = false;             ///< the block at hand has a `forward`, or will have
};

/// A word as it is read, and as it stands in the file.
struct spelled_word {
  std::string text, raw;
};

/// A directive that takes the place of an option, beside the one that had it.
class added_directive {
public:
  added_directive(token where, bool printed, std::string indent, std::string_view line_end);

  added_directive& add(const std::string& word) { return add({word, word}); }
  added_directive& add(const spelled_word& word);
  added_directive& open();  ///< ` {`: what is added next begins a line in braces
  added_directive& close(); ///< the brace, on a line of its own

  const tokens& words() const { return words_; }
  const std::string& text() const { return text_; } ///< begins with the end of the line before
  bool printed() const { return printed_; }         ///< false: the option stands in another file

private:
  void begin_line(const std::string& indent);
  token& push(const std::string& word);

  token where_;
  bool printed_, starts_line_ = true;
  std::string indent_, text_;
  std::string_view line_end_;
  tokens words_;
};

/// One use of a directive while its words of old become modern, those that are read and those that stand in the file
/// alike. Nothing moves before finish(), so that words keep their positions.
class old_use {
public:
  /// Both outlive it.
  old_use(directive_use& use, old_corefile& around);

  const std::string& name() const { return name_; }
  const std::vector<option_words>& options() const { return options_; }
  const std::string& word(size_t i) const { return use_.words[i].text; }
  std::vector<std::string> arguments(option_words of) const; ///< of an option, without itself
  size_t end_of_arguments() const { return brace_; }         ///< of the directive
  spelled_word spelled(size_t i) const;
  bool block_forwards() const { return around_.block_forwards; }

  void become(const std::string& name) { name_ = name; }
  void replace(size_t word, std::vector<std::string> by);
  void drop(option_words of);
  void drop_all() { all_dropped_ = true; }
  void put_line_behind(option_words of, std::vector<std::string> words);
  void allow_transfer(option_words addresses);

  added_directive beside(size_t of_word) const;
  void add(added_directive directive);

  /// One line of warning: what is old, since when, and `fate`.
  void notice(option_words of, const old_word& word, const std::string& fate);
  /// The same with the words that take the place of `of`.
  void notice_read_as(option_words of, const old_word& word);

  struct outcome {
    std::vector<directive_use> beside;   ///< those that were added
    std::vector<edit> edits;             ///< of the Corefile's own text
    std::vector<old_notice> notices;     ///< in the order of the words
    std::optional<option_words> in_text; ///< octets of the whole use, if that is where it stands
  };

  /// Writes the use's modern words into it: none if it is gone.
  outcome finish();

private:
  struct fate {
    bool dropped = false;
    std::vector<std::string> by;     ///< in its place; empty: itself
    std::vector<std::string> behind; ///< a line behind its own, set in like the word `option`
    size_t option = 0;
  };

  bool is_ours(size_t i) const { return use_.words[i].file == around_.file; }
  bool braces_go() const;
  bool has_comment(size_t first, size_t end) const;
  std::optional<option_words> in_text() const;
  void add_transfer();
  void add_edits(outcome& out, bool braces) const;
  void rewrite(bool braces);

  directive_use& use_;
  old_corefile& around_;
  std::string name_;
  size_t brace_ = 0; ///< of the first brace, or of the end
  std::vector<option_words> options_;
  std::vector<fate> fates_; ///< of each word
  bool all_dropped_ = false;
  std::vector<option_words> drops_, transfers_;
  std::vector<added_directive> added_;
  std::vector<std::pair<size_t, old_notice>> notices_;
};

/// Words in one line, quoted where they must be.
std::string line_of(const tokens& words);

} // namespace troupe::config
