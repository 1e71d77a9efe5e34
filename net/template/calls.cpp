// SPDX-License-Identifier: Apache-2.0
#include "net/template/execution.hpp"

namespace troupe::templates {

namespace {

const char* type_name(parameter type) noexcept {
  return type == parameter::text ? "string" : "int";
}

/// Takes a nil too.
bool is_open(parameter type) noexcept {
  return type == parameter::anything || type == parameter::interface;
}

} // namespace

bool evaluation::takes(const function& f, size_t operands, bool final) {
  const size_t given = operands + (final ? 1 : 0), wanted = f.fixed.size();
  const std::string of_it = "wrong number of args for " + std::string{f.name} + ": want ";
  if (f.variadic && given < wanted)
    fail(of_it + "at least " + std::to_string(wanted) + " got " + std::to_string(operands));
  else if (!f.variadic && given != wanted)
    fail(of_it + std::to_string(wanted) + " got " + std::to_string(given));
  return !failed();
}

/// `operands`: with the function itself in front, or none at all.
value evaluation::call(const value& dot, const function& f, const object* self, const node& n,
                       std::span<const node> operands, const last& final) {
  const auto given = operands.empty() ? operands : operands.subspan(1);
  if (!takes(f, given.size(), final.has_value()))
    return {};
  if (f.form == call_form::first_false || f.form == call_form::first_true)
    return short_call(dot, f, given, final);
  const auto type = [&](size_t i) { return i < f.fixed.size() ? f.fixed[i] : *f.variadic; };
  std::vector<value> arguments;
  arguments.reserve(given.size() + 1);
  for (const node& part : given) {
    arguments.push_back(argument(dot, type(arguments.size()), part));
    if (failed())
      return {};
  }
  if (final)
    arguments.push_back(checked(*final, type(arguments.size())));
  if (failed())
    return {};
  if (f.form == call_form::of_value)
    return call_value(n, given.empty() ? nullptr : &given[0], arguments[0]);
  outcome made = f.call(self, arguments, work_);
  if (work_.exhausted())
    visit(n);
  if (auto* result = std::get_if<value>(&made))
    return *result;
  at_ = &n;
  fail("error calling " + std::string{f.name} + ": " + std::get<std::string>(made));
  return {};
}

/// `and`, `or`: the first operand that decides, or the last one. Those behind it are not evaluated.
value evaluation::short_call(const value& dot, const function& f, std::span<const node> operands, const last& final) {
  value result;
  for (const node& part : operands) {
    result = argument(dot, parameter::anything, part);
    if (failed() || truth(result) == (f.form == call_form::first_true))
      return result;
  }
  return final ? *final : result;
}

/// `call`: no value here is a function.
value evaluation::call_value(const node& n, const node* shown_as, const value& v) {
  at_ = &n;
  if (v.is_none()) {
    fail("error calling call: call of nil");
    return {};
  }
  const auto* s = v.get<std::string_view>();
  const std::string name = shown_as ? to_text(*shown_as) : s ? std::string{*s} : "<" + std::string{v.type} + " Value>";
  fail("error calling call: non-function " + name + " of type " + std::string{v.type});
  return {};
}

value evaluation::argument(const value& dot, parameter type, const node& n) {
  if (!visit(n))
    return {};
  switch (n.kind) {
  case node_kind::dot:
    return checked(dot, type);
  case node_kind::nil:
    if (!is_open(type))
      fail("cannot assign nil to " + std::string{type_name(type)});
    return {};
  case node_kind::field:
    return checked(chain(dot, dot, n, n.names, {}, {}), type);
  case node_kind::variable:
    return checked(variable_value(dot, n, {}, {}), type);
  case node_kind::pipeline:
    return checked(pipeline(dot, &n), type);
  case node_kind::identifier:
    return checked(call(dot, *n.called, nullptr, n, {}, {}), type);
  case node_kind::chain: {
    const value receiver = argument(dot, parameter::anything, n.parts[0]);
    return failed() ? value{} : checked(chain(dot, receiver, n, n.names, {}, {}), type);
  }
  default:
    return literal(type, n);
  }
}

value evaluation::literal(parameter type, const node& n) {
  if (is_open(type))
    return constant(n);
  if (type == parameter::text && n.kind == node_kind::string)
    return text(n.text);
  if (type == parameter::integer && n.kind == node_kind::number && n.constant.integer)
    return integer(*n.constant.integer);
  fail(std::string{"expected "} + (type == parameter::text ? "string" : "integer") + "; found " + to_text(n));
  return {};
}

/// `v`, if an argument of the type may have it.
value evaluation::checked(const value& v, parameter type) {
  if (failed() || is_open(type))
    return v;
  if (v.is_none())
    fail(std::string{"invalid value; expected "} + type_name(type));
  else if (v.type != type_name(type))
    fail(std::string{"wrong type for value; expected "} + type_name(type) + "; got " + std::string{v.type});
  return v;
}

} // namespace troupe::templates
