// SPDX-License-Identifier: Apache-2.0
#include "net/template/parser.hpp"

#include "net/template/parser_base.hpp"

#include <utility>

namespace troupe::templates {

namespace {

/// What ends a list.
enum class ending { none, end, otherwise };

const char* shown_ending(ending e) noexcept {
  return e == ending::end ? "{{end}}" : "{{else}}";
}

class template_parser : public expression_parser {
public:
  template_parser(std::string_view name, std::string_view source, std::span<const function> more)
    : expression_parser(name, source, more) {}

  definitions run(std::string_view name) {
    node root;
    while (peek().kind != token_kind::end_of_text) {
      const size_t before = mark();
      if (next().kind == token_kind::left_delimiter && next_word().kind == token_kind::keyword_define) {
        definition();
        continue;
      }
      back_to(before);
      const ending found = text_or_action(root);
      if (found != ending::none)
        fail(std::string{"unexpected "} + shown_ending(found));
    }
    define(std::string{name}, std::move(root));
    return std::move(defined_);
  }

private:
  /// An empty one gives way to any, and is no second one.
  void define(std::string name, node body) {
    const auto found = defined_.find(name);
    if (found == defined_.end() || is_empty(found->second))
      defined_.insert_or_assign(std::move(name), std::move(body));
    else if (!is_empty(body))
      fail("template: multiple definition of template " + quoted_text(name));
  }

  void definition() {
    constexpr const char* context = "define clause";
    const token& word = next_word();
    std::string name = definition_name(word, context);
    expect(token_kind::right_delimiter, context);
    define(std::move(name), body(context));
  }

  /// Of a definition: it sees none of the variables and loops around it.
  node body(const char* context) {
    auto outer = std::exchange(variables_, {"$"});
    const size_t loops = std::exchange(loops_, 0);
    node out;
    const ending found = items(out);
    if (found != ending::end)
      fail(std::string{"unexpected "} + shown_ending(found) + " in " + context);
    variables_ = std::move(outer);
    loops_ = loops;
    return out;
  }

  std::string definition_name(const token& word, const char* context) {
    if (word.kind != token_kind::string && word.kind != token_kind::raw_string)
      unexpected(word, context);
    auto name = unquoted(word.text);
    if (!name)
      fail("invalid syntax");
    return *name;
  }

  /// Up to `{{end}}` or `{{else}}`, which is taken.
  ending items(node& out) {
    if (depth_ >= max_nesting)
      fail("blocks are nested deeper than " + std::to_string(max_nesting));
    const nesting deeper{depth_};
    out.at = peek_word().at;
    while (peek_word().kind != token_kind::end_of_text)
      if (const ending found = text_or_action(out); found != ending::none)
        return found;
    fail("unexpected EOF");
  }

  ending text_or_action(node& into) {
    const token& word = next_word();
    if (word.kind == token_kind::text) {
      node text;
      text.kind = node_kind::text;
      text.at = word.at;
      text.text = word.text;
      into.parts.push_back(std::move(text));
      return ending::none;
    }
    if (word.kind != token_kind::left_delimiter)
      unexpected(word, "input");
    action_line_ = word.line;
    const ending found = action(into);
    action_line_ = 0;
    return found;
  }

  ending action(node& into) {
    const token& word = next_word();
    switch (word.kind) {
    case token_kind::keyword_block:
      into.parts.push_back(call(true));
      return ending::none;
    case token_kind::keyword_template:
      into.parts.push_back(call(false));
      return ending::none;
    case token_kind::keyword_break:
      into.parts.push_back(loop_end(node_kind::break_loop, "{{break}}", word));
      return ending::none;
    case token_kind::keyword_continue:
      into.parts.push_back(loop_end(node_kind::continue_loop, "{{continue}}", word));
      return ending::none;
    case token_kind::keyword_else:
      if (const token_kind then = peek_word().kind; then != token_kind::keyword_if && then != token_kind::keyword_with)
        expect(token_kind::right_delimiter, "else");
      return ending::otherwise;
    case token_kind::keyword_end:
      expect(token_kind::right_delimiter, "end");
      return ending::end;
    case token_kind::keyword_if:
      into.parts.push_back(control(node_kind::if_block, "if", token_kind::keyword_if));
      return ending::none;
    case token_kind::keyword_range:
      into.parts.push_back(control(node_kind::range_block, "range", token_kind::error));
      return ending::none;
    case token_kind::keyword_with:
      into.parts.push_back(control(node_kind::with_block, "with", token_kind::keyword_with));
      return ending::none;
    default:
      break;
    }
    backup();
    node out;
    out.kind = node_kind::action;
    out.at = peek_word().at;
    out.parts.push_back(pipeline("command", token_kind::right_delimiter)); // its variables last until `end`
    into.parts.push_back(std::move(out));
    return ending::none;
  }

  node loop_end(node_kind kind, const std::string& shown_as, const token& word) {
    node out;
    out.kind = kind;
    out.at = word.at;
    expect(token_kind::right_delimiter, shown_as.c_str());
    if (loops_ == 0)
      fail(shown_as + " outside {{range}}");
    return out;
  }

  /// `{{template "name" pipeline}}`, and `block`, which defines the name as well.
  node call(bool block) {
    const char* const context = block ? "block clause" : "template clause";
    const token& word = next_word();
    node out;
    out.kind = node_kind::template_call;
    out.at = word.at;
    out.text = definition_name(word, context);
    if (block || peek_word().kind != token_kind::right_delimiter)
      out.parts.push_back(pipeline(context, token_kind::right_delimiter));
    else
      next_word();
    if (block)
      define(out.text, body(context));
    return out;
  }

  /// `again`: the word that makes `{{else if …}}` of `{{else}}{{if …}}…{{end}}`.
  node control(node_kind kind, const char* word, token_kind again) {
    const size_t outer = variables_.size();
    node out;
    out.kind = kind;
    out.parts.push_back(pipeline(word, token_kind::right_delimiter));
    out.at = out.parts[0].at;
    loops_ += kind == node_kind::range_block ? 1 : 0;
    ending found = items(out.parts.emplace_back());
    loops_ -= kind == node_kind::range_block ? 1 : 0;
    if (found == ending::otherwise) {
      node& otherwise = out.parts.emplace_back();
      if (peek().kind == again) {
        next();
        if (depth_ >= max_nesting)
          fail("blocks are nested deeper than " + std::to_string(max_nesting));
        const nesting deeper{depth_};
        otherwise.parts.push_back(control(kind, word, again));
      } else {
        found = items(otherwise);
        if (found != ending::end)
          fail(std::string{"expected end; found "} + shown_ending(found));
      }
    }
    variables_.resize(outer);
    return out;
  }

  definitions defined_;
  size_t loops_ = 0; ///< around what is read
};

} // namespace

std::variant<definitions, std::string> parse(std::string_view name, std::string_view source,
                                             std::span<const function> more) {
  if (source.size() > max_template_octets)
    return "template: " + std::string{name} + ": longer than " + std::to_string(max_template_octets) + " octets";
  try {
    return template_parser{name, source, more}.run(name);
  } catch (const token_reader::stop& stopped) {
    return stopped.words;
  }
}

} // namespace troupe::templates
