// SPDX-License-Identifier: Apache-2.0
#include "net/template/execution.hpp"

#include <algorithm>

namespace troupe::templates {

/// As Go words it, with the place of the node that was evaluated last.
void evaluation::fail(const std::string& words) {
  if (failed())
    return;
  error_ = "template: " + parts_.name;
  if (at_) {
    const std::string_view before = std::string_view{parts_.source}.substr(0, at_->at);
    const auto line = 1 + std::ranges::count(before, '\n');
    const size_t line_end = before.rfind('\n');
    const size_t column = line_end == before.npos ? before.size() : before.size() - line_end - 1;
    error_ += ":" + std::to_string(line) + ":" + std::to_string(column) + ": executing " + quoted_text(running_) +
              " at <" + to_text(*at_) + ">";
  }
  error_ += ": " + words;
}

bool evaluation::visit(const node& n) {
  at_ = &n;
  work_.step();
  if (work_.exhausted())
    fail("it takes more than " + std::to_string(max_steps) + " steps or " + std::to_string(max_made_octets) +
         " octets");
  return !failed();
}

bool evaluation::may_go_deeper() {
  if (depth_ >= max_depth)
    fail("it is nested deeper than " + std::to_string(max_depth));
  return !failed();
}

void evaluation::assign(std::string_view name, const value& v) {
  const auto found =
    std::find_if(variables_.rbegin(), variables_.rend(), [&](const auto& v) { return v.name == name; });
  if (found == variables_.rend())
    return fail("undefined variable: " + std::string{name});
  found->is = v;
}

value evaluation::pipeline(const value& dot, const node* pipe) {
  if (!pipe || !visit(*pipe) || !may_go_deeper())
    return {};
  const nesting deeper{depth_};
  last result;
  for (const node& cmd : pipe->parts) {
    result = command(dot, cmd, result);
    if (failed())
      return {};
  }
  for (const auto& name : pipe->names) {
    if (pipe->assigns)
      assign(name, *result);
    else
      variables_.push_back({name, *result});
  }
  return result.value_or(value{});
}

/// What is no function takes no arguments.
bool evaluation::is_alone(std::span<const node> operands, const last& final) {
  if (operands.size() > 1 || final)
    fail("can't give argument to non-function " + to_text(operands[0]));
  return !failed();
}

value evaluation::command(const value& dot, const node& cmd, const last& final) {
  const node& first = cmd.parts[0];
  const std::span<const node> operands{cmd.parts};
  switch (first.kind) {
  case node_kind::field:
    return visit(first) ? chain(dot, dot, first, first.names, operands, final) : value{};
  case node_kind::chain: {
    if (!visit(first))
      return {};
    const value receiver = argument(dot, parameter::anything, first.parts[0]);
    return failed() ? value{} : chain(dot, receiver, first, first.names, operands, final);
  }
  case node_kind::identifier:
    return visit(first) ? call(dot, *first.called, nullptr, cmd, operands, final) : value{};
  case node_kind::pipeline: {
    if (!is_alone(operands, final))
      return {};
    return pipeline(dot, &first);
  }
  case node_kind::variable:
    return visit(first) ? variable_value(dot, first, operands, final) : value{};
  default:
    break;
  }
  if (!visit(first) || !is_alone(operands, final))
    return {};
  if (first.kind == node_kind::dot)
    return dot;
  if (first.kind == node_kind::nil) {
    fail("nil is not a command");
    return {};
  }
  return constant(first);
}

value evaluation::variable_value(const value& dot, const node& n, std::span<const node> operands, const last& final) {
  const auto found =
    std::find_if(variables_.rbegin(), variables_.rend(), [&](const auto& v) { return v.name == n.names[0]; });
  if (found == variables_.rend()) {
    fail("undefined variable: " + n.names[0]);
    return {};
  }
  const value is = found->is;
  const auto fields = std::span{n.names}.subspan(1);
  if (!fields.empty())
    return chain(dot, is, n, fields, operands, final);
  return operands.empty() || is_alone(operands, final) ? is : value{};
}

/// Go's rule for a constant where no type is asked for.
value evaluation::constant(const node& n) {
  if (n.kind == node_kind::boolean)
    return boolean(n.text == "true");
  if (n.kind == node_kind::string)
    return text(n.text);
  const number& c = n.constant;
  const bool hex = n.text.size() > 2 && n.text[0] == '0' && (n.text[1] == 'x' || n.text[1] == 'X') &&
                   n.text.find_first_of("pP") == n.text.npos;
  if (c.floating && !hex && n.text[0] != '\'' && n.text.find_first_of(".eEpP") != n.text.npos)
    return floating(*c.floating);
  if (c.integer)
    return integer(*c.integer);
  fail(n.text + " overflows int");
  return {};
}

value evaluation::chain(const value& dot, const value& receiver, const node& n, std::span<const std::string> names,
                        std::span<const node> operands, const last& final) {
  value is = receiver;
  for (size_t i = 0; i < names.size() && !failed(); ++i) {
    const bool ends = i + 1 == names.size();
    is = field(dot, names[i], n, ends ? operands : std::span<const node>{}, ends ? final : last{}, is);
  }
  return is;
}

value evaluation::field(const value& dot, std::string_view name, const node& n, std::span<const node> operands,
                        const last& final, const value& receiver) {
  work_.step();
  if (receiver.is_none())
    return {};
  const bool has_arguments = operands.size() > 1 || final;
  if (const auto* host = receiver.get<const object*>()) {
    if (const function* method = (*host)->method(name))
      return call(dot, *method, *host, n, operands, final);
    if (auto found = (*host)->field(name, work_)) {
      if (has_arguments)
        fail(std::string{name} + " has arguments but cannot be invoked as function");
      return *found;
    }
  } else if (const auto* entries = receiver.get<value_map>()) {
    if (has_arguments)
      fail(std::string{name} + " is not a method but has arguments");
    const value* found = find(*entries, name);
    return found ? *found : value{};
  }
  fail("can't evaluate field " + std::string{name} + " in type " + std::string{receiver.type});
  return {};
}

} // namespace troupe::templates
