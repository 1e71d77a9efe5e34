// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/template/format.hpp"
#include "net/template/parser.hpp"

namespace troupe::templates {

/// What is executed: a template's name, its source (for the places in errors) and all it defines.
struct template_parts {
  const std::string& name;
  const std::string& source;
  const definitions& all;
};

/// How pipelines get their values. After a failure values mean nothing: who goes on asks failed() first.
class evaluation {
public:
  explicit evaluation(const template_parts& parts) : parts_(parts), running_(parts.name) {}

  bool failed() const noexcept { return !error_.empty(); }
  std::string take_error() { return std::move(error_); }

protected:
  /// Also sets the pipeline's variables. Null makes none.
  value pipeline(const value& dot, const node* pipe);

  /// Counts a node; false: the execution has cost too much, and failed.
  bool visit(const node& n);
  bool may_go_deeper();
  void fail(const std::string& words);

  struct variable {
    std::string_view name;
    value is;
  };
  void assign(std::string_view name, const value& v);

  const template_parts parts_;
  std::string_view running_; ///< the template, or the definition in it
  std::vector<variable> variables_;
  workspace work_;
  size_t depth_ = 0;
  const node* at_ = nullptr; ///< what errors name

private:
  std::string error_; ///< empty: none yet

  using last = std::optional<value>; ///< of the command in front; nothing: there was none

  value command(const value& dot, const node& cmd, const last& final);
  value constant(const node& n);
  value chain(const value& dot, const value& receiver, const node& n, std::span<const std::string> names,
              std::span<const node> operands, const last& final);
  value field(const value& dot, std::string_view name, const node& n, std::span<const node> operands, const last& final,
              const value& receiver);
  value call(const value& dot, const function& f, const object* self, const node& n, std::span<const node> operands,
             const last& final);
  value short_call(const value& dot, const function& f, std::span<const node> operands, const last& final);
  value argument(const value& dot, parameter type, const node& n);
  value literal(parameter type, const node& n);
  value checked(const value& v, parameter type);
  value call_value(const node& n, const node* shown_as, const value& v);
  value variable_value(const value& dot, const node& n, std::span<const node> operands, const last& final);
  bool takes(const function& f, size_t operands, bool final);
  bool is_alone(std::span<const node> operands, const last& final);
};

/// Walks a template and writes what comes of it.
class execution : public evaluation {
public:
  explicit execution(const template_parts& parts) : evaluation(parts), out_(max_made_octets) {}

  /// False: failed.
  bool run(const value& dot);
  std::string take() { return out_.take(); }

private:
  enum class flow : uint8_t { on, leave, again }; ///< `leave`: by `break` or a failure

  flow list(const value& dot, const node& n);
  flow walk(const value& dot, const node& n);
  flow condition(const value& dot, const node& n);
  flow range(const value& dot, const node& n);
  flow range_items(const value& over, const node& n, bool& any);
  flow turn(const value& index, const value& item, const node& n, size_t mark);
  void call_template(const value& dot, const node& n);
  void write(const node& n, const value& v);

  text_sink out_;
};

} // namespace troupe::templates
