// SPDX-License-Identifier: Apache-2.0
#include "net/template/node.hpp"

#include <algorithm>

namespace troupe::templates {

namespace {

class node_writer {
public:
  void write(const node& n) {
    switch (n.kind) {
    case node_kind::list:
      return all(n.parts, "");
    case node_kind::action:
      out_ += "{{";
      write(n.parts[0]);
      out_ += "}}";
      return;
    case node_kind::if_block:
      return block("if", n);
    case node_kind::range_block:
      return block("range", n);
    case node_kind::with_block:
      return block("with", n);
    case node_kind::template_call:
      return call(n);
    case node_kind::break_loop:
      out_ += "{{break}}";
      return;
    case node_kind::continue_loop:
      out_ += "{{continue}}";
      return;
    case node_kind::pipeline:
      return pipeline(n);
    case node_kind::command:
      for (const node& part : n.parts)
        operand(part, &part != &n.parts.front());
      return;
    case node_kind::chain:
      operand(n.parts[0], false);
      [[fallthrough]];
    case node_kind::field:
      for (const auto& name : n.names)
        out_ += "." + name;
      return;
    case node_kind::variable:
      for (const auto& name : n.names)
        out_ += (&name == &n.names.front() ? "" : ".") + name;
      return;
    case node_kind::string:
      out_ += n.source;
      return;
    case node_kind::dot:
      out_ += '.';
      return;
    case node_kind::nil:
      out_ += "nil";
      return;
    case node_kind::text:
    case node_kind::boolean:
    case node_kind::number:
    case node_kind::identifier:
      out_ += n.text;
    }
  }

  std::string take() { return std::move(out_); }

private:
  void all(const std::vector<node>& parts, const char* between) {
    for (const node& part : parts) {
      out_ += &part == &parts.front() ? "" : between;
      write(part);
    }
  }

  void operand(const node& n, bool blank) {
    out_ += blank ? " " : "";
    const bool parens = n.kind == node_kind::pipeline;
    out_ += parens ? "(" : "";
    write(n);
    out_ += parens ? ")" : "";
  }

  void block(const char* word, const node& n) {
    out_ += std::string{"{{"} + word + " ";
    write(n.parts[0]);
    out_ += "}}";
    write(n.parts[1]);
    if (n.parts.size() > 2) {
      out_ += "{{else}}";
      write(n.parts[2]);
    }
    out_ += "{{end}}";
  }

  void call(const node& n) {
    out_ += "{{template " + quoted_text(n.text);
    if (!n.parts.empty()) {
      out_ += ' ';
      write(n.parts[0]);
    }
    out_ += "}}";
  }

  void pipeline(const node& n) {
    for (const auto& name : n.names)
      out_ += (&name == &n.names.front() ? "" : ", ") + name;
    if (!n.names.empty())
      out_ += n.assigns ? " = " : " := ";
    all(n.parts, " | ");
  }

  std::string out_;
};

} // namespace

std::string to_text(const node& n) {
  node_writer out;
  out.write(n);
  return out.take();
}

bool is_empty(const node& n) noexcept {
  if (n.kind == node_kind::list)
    return std::ranges::all_of(n.parts, is_empty);
  // Go trims all of Unicode's blanks here.
  return n.kind == node_kind::text && n.text.find_first_not_of(" \t\r\n\v\f") == n.text.npos;
}

} // namespace troupe::templates
