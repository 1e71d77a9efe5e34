// SPDX-License-Identifier: Apache-2.0
#include "config/parser.hpp"

#include "config/bounds.hpp"
#include "config/directives.hpp"
#include "config/dispenser.hpp"
#include "config/importer.hpp"
#include "config/lexer.hpp"
#include "config/old_words.hpp"
#include "config/path.hpp"

#include <filesystem>

namespace troupe::config {

namespace {

/// Reads words from a stack of sources: what `import` names goes on top, and is gone when it is read.
class parser {
public:
  parser(tokens words, const std::string& file, const environment& env, parse_result& out)
    : env_(env), out_(out), importer_(env, out), last_{{}, std::make_shared<const std::string>(file), 1} {
    sources_.push_back({std::make_shared<const tokens>(std::move(words)), 0});
  }

  failure run() {
    while (peek()) {
      raw_block block;
      if (auto bad = block_at_top(block))
        return bad;
      if (block.keys.empty())
        continue;
      if (out_.blocks.size() == max_blocks)
        return error_at(block.keys.front().at(), "more than " + std::to_string(max_blocks) + " server blocks");
      out_.blocks.push_back(std::move(block));
    }
    return std::nullopt;
  }

private:
  struct source {
    importer::words words;
    size_t at;
  };

  const token* peek() {
    while (!sources_.empty() && sources_.back().at == sources_.back().words->size())
      sources_.pop_back();
    return sources_.empty() ? nullptr : &(*sources_.back().words)[sources_.back().at];
  }

  const token& take() {
    last_ = *peek();
    ++sources_.back().at;
    ++taken_;
    return last_;
  }

  bool next_is(const char* text) {
    const token* next = peek();
    return next && next->text == text;
  }

  parse_error error(std::string message) const { return error_at(last_.at(), std::move(message)); }

  failure block_at_top(raw_block& block) {
    if (auto bad = keys(block))
      return bad;
    if (!peek())
      return std::nullopt; // a line of keys and nothing else is a block without directives
    if (block.keys.size() == 1 && is_snippet(block.keys.front().text)) {
      const std::string& key = block.keys.front().text;
      auto bad = snippet(key.substr(1, key.size() - 2));
      block.keys.clear();
      return bad;
    }
    const bool braces = next_is("{");
    if (braces)
      take();
    return block_directives(block, braces);
  }

  static bool is_snippet(const std::string& key) { return key.size() >= 2 && key.front() == '(' && key.back() == ')'; }

  failure keys(raw_block& block) {
    bool another = false; // after a comma, also on the next line
    for (bool first = true;;) {
      const token* next = peek();
      if (!next)
        return another ? failure{error("Unexpected EOF")} : std::nullopt;
      if (!first && !another && next->starts_line)
        return std::nullopt;
      const std::string text = replaced(next->text);
      if (is_too_much())
        return too_much();
      if (text == "import" && next->starts_line) {
        if (auto bad = import())
          return bad;
        continue;
      }
      if (text == "{") {
        if (!another)
          return std::nullopt;
        return error_at(next->at(), "Expected another address but had '{' - check for extra comma");
      }
      token key = take();
      first = false;
      if (text.empty())
        continue;
      another = text.back() == ',';
      key.text = another ? text.substr(0, text.size() - 1) : text;
      block.keys.push_back(std::move(key));
    }
  }

  failure snippet(const std::string& name) {
    const token head = *peek();
    if (head.text != "{")
      return syntax_error(head.at(), head.text, "{");
    take();
    if (auto problem = importer_.redeclares(name))
      return error(*problem);
    tokens body;
    for (size_t depth = 1; peek();) {
      const token& word = take();
      if (word.text == "{")
        ++depth;
      if (word.text == "}" && --depth == 0) {
        if (auto problem = importer_.define(name, std::move(body)))
          return error(*problem);
        return std::nullopt;
      }
      body.push_back(word);
      if (is_too_much())
        return too_much();
    }
    return syntax_error(last_.at(), last_.text, "}");
  }

  failure block_directives(raw_block& block, bool braces) {
    while (const token* next = peek()) {
      failure bad;
      if (next->text == "}") {
        take();
        return std::nullopt;
      }
      if (next->text == "import")
        bad = import();
      else
        bad = one_directive(block);
      if (bad)
        return bad;
    }
    return braces ? left_open(block) : std::nullopt;
  }

  /// The file ends inside of a block. If its last word is another's brace, CoreDNS takes it for the block's.
  failure left_open(const raw_block& block) {
    const std::string begin = block.keys.empty() ? "" : " that begins at " + text_of(block.keys.front().at());
    if (last_.text != "}") {
      auto bad = syntax_error(last_.at(), last_.text, "}");
      bad.message += ": the file ends, and the block" + begin + " is still open; close it with '}'";
      return bad;
    }
    out_.warnings.push_back(error("the file ends, and the block" + begin + " lacks its own '}'; close it").text());
    return std::nullopt;
  }

  static std::string text_of(const place& at) { return at.file + ":" + std::to_string(at.line); }

  static const char* hint(const std::string& name) {
    if (name.find_first_of(".:") != name.npos) // a zone where a directive is expected: a brace is missing above it
      return "; if a server block begins here, the one above it lacks its '}'";
    return is_out_of_tree(name) ? "; it is no directive of CoreDNS but of builds with more in them" : "";
  }

  failure one_directive(raw_block& block) {
    directive_use use{replaced(take().text), {last_}};
    if (!find_directive(use.name) && !find_old_word(use.name, ""))
      return error("Unknown directive '" + use.name + "'" + hint(use.name));
    size_t depth = 0;
    while (const token* next = peek()) {
      const bool opens = next->text == "{", closes = next->text == "}";
      if (depth == 0 && next->starts_line && !opens)
        break;
      if (next->text == "import" && next->starts_line) {
        if (auto bad = import())
          return bad;
        continue;
      }
      take();
      if (opens && depth == 0 && last_.starts_line)
        return error("Unexpected '{' on a line of its own, it belongs on the line of '" + use.name + "'");
      if (closes && depth == 0)
        return error("Unexpected '}' because no matching opening brace");
      depth = opens ? depth + 1 : closes ? depth - 1 : depth;
      use.words.push_back(last_);
      use.words.back().text = replaced(last_.text);
      if (is_too_much())
        return too_much();
    }
    if (depth > 0)
      return error("Unexpected EOF: the braces of '" + use.name + "' are still open; close them with '}'");
    block.directives.push_back(std::move(use));
    return std::nullopt;
  }

  /// The next word if it is on the line of the last one. Leaves finished sources where they are: `import` as their last
  /// words must find them.
  const token* peek_on_line() const {
    const source& top = sources_.back();
    const token* next = top.at < top.words->size() ? &(*top.words)[top.at] : nullptr;
    return next && !next->starts_line ? next : nullptr;
  }

  failure import() {
    take();
    if (!peek_on_line())
      return error("Wrong argument count or unexpected line ending after 'import'");
    const std::string pattern = replaced(take().text);
    if (pattern.empty())
      return error("Import requires a non-empty filepath");
    if (const token* next = peek_on_line())
      return error_at(next->at(), "Import takes only one argument (glob pattern or file)");
    auto found = importer_.import(pattern, last_);
    if (auto* problem = std::get_if<std::string>(&found))
      return error(*problem);
    if (is_too_much())
      return too_much();
    const auto& words = std::get<importer::words>(found);
    for (const source& open : sources_) {
      if (open.words == words) // nothing is conditional, so it would never end
        return error("maximum import depth exceeded: '" + pattern + "' imports itself");
    }
    sources_.push_back({words, 0});
    return std::nullopt;
  }

  std::string replaced(const std::string& text) {
    std::string out = replace_variables(text, env_);
    octets_ += out.size();
    return out;
  }

  bool is_too_much() const { return taken_ > max_tokens || octets_ > max_expanded_octets; }

  parse_error too_much() const {
    if (taken_ > max_tokens)
      return error("more than " + std::to_string(max_tokens) + " words after imports");
    return error("more than " + std::to_string(max_expanded_octets) + " octets after imports and variables");
  }

  const environment& env_;
  parse_result& out_;
  importer importer_;
  token last_; // taken last, for errors
  std::vector<source> sources_;
  size_t taken_ = 0, octets_ = 0;
};

} // namespace

parse_result parse(const std::string& file, const std::string& text, const environment& env) {
  parse_result out;
  out.files.push_back(path_beside(std::filesystem::path{file}.filename(), file));
  out.file = std::make_shared<const std::string>(file);
  auto words = lex(text, out.file);
  if (words.size() > max_tokens)
    out.error = error_at(words.back().at(), "more than " + std::to_string(max_tokens) + " words");
  else
    out.error = parser{std::move(words), file, env, out}.run();
  return out;
}

} // namespace troupe::config
