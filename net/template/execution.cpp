// SPDX-License-Identifier: Apache-2.0
#include "net/template/execution.hpp"

#include "net/template/text_template.hpp"

#include <utility>

namespace troupe::templates {

bool execution::run(const value& dot) {
  variables_.push_back({"$", dot});
  list(dot, parts_.all.find(parts_.name)->second);
  return !failed();
}

execution::flow execution::list(const value& dot, const node& n) {
  at_ = &n;
  if (!may_go_deeper())
    return flow::leave;
  const nesting deeper{depth_};
  for (const node& part : n.parts)
    if (const flow then = walk(dot, part); then != flow::on)
      return then;
  return flow::on;
}

execution::flow execution::walk(const value& dot, const node& n) {
  if (!visit(n))
    return flow::leave;
  switch (n.kind) {
  case node_kind::text:
    out_.add(n.text);
    break;
  case node_kind::action: {
    const value v = pipeline(dot, &n.parts[0]);
    if (!failed() && n.parts[0].names.empty())
      write(n, v);
    break;
  }
  case node_kind::if_block:
  case node_kind::with_block:
    return condition(dot, n);
  case node_kind::range_block:
    return range(dot, n);
  case node_kind::template_call:
    call_template(dot, n);
    break;
  case node_kind::break_loop:
    return flow::leave;
  case node_kind::continue_loop:
    return flow::again;
  default:
    fail("unknown node");
  }
  if (out_.full())
    fail("it makes more than " + std::to_string(max_made_octets) + " octets");
  return failed() ? flow::leave : flow::on;
}

execution::flow execution::condition(const value& dot, const node& n) {
  const size_t mark = variables_.size();
  const value v = pipeline(dot, &n.parts[0]);
  flow then = failed() ? flow::leave : flow::on;
  if (!failed() && truth(v))
    then = list(n.kind == node_kind::with_block ? v : dot, n.parts[1]);
  else if (!failed() && n.parts.size() > 2)
    then = list(dot, n.parts[2]);
  variables_.resize(mark);
  return then;
}

execution::flow execution::range(const value& dot, const node& n) {
  const size_t mark = variables_.size();
  const value over = pipeline(dot, &n.parts[0]);
  bool any = false;
  flow then = failed() ? flow::leave : range_items(over, n, any);
  if (!failed() && !any && n.parts.size() > 2)
    then = list(dot, n.parts[2]);
  else if (!failed())
    then = flow::on; // what a body breaks off is this loop
  variables_.resize(mark);
  return failed() ? flow::leave : then;
}

execution::flow execution::range_items(const value& over, const node& n, bool& any) {
  const size_t mark = variables_.size();
  flow then = flow::on;
  const auto go = [&](const value& index, const value& item) {
    any = true;
    then = turn(index, item, n, mark);
    return then != flow::leave;
  };
  const auto* s = over.get<int64_t>();
  const auto* u = over.get<uint64_t>();
  if ((s || u) && n.parts[0].names.size() > 1) {
    fail("can't use " + shown_value(over) + " to iterate over more than one variable");
  } else if (s) {
    for (int64_t i = 0; i < *s && go({}, integer(i, over.type)); ++i) {
    }
  } else if (u) {
    for (uint64_t i = 0; i < *u && go({}, natural(i, over.type)); ++i) {
    }
  } else if (const auto* items = over.get<value_list>()) {
    for (size_t i = 0; i < items->size && go(integer(static_cast<int64_t>(i)), items->items[i]); ++i) {
    }
  } else if (const auto* entries = over.get<value_map>()) {
    for (size_t i = 0; i < entries->size && go(text(entries->entries[i].key), entries->entries[i].item); ++i) {
    }
  } else if (!over.is_none()) {
    fail("range can't iterate over " + shown_value(over));
  }
  return then;
}

execution::flow execution::turn(const value& index, const value& item, const node& n, size_t mark) {
  const auto& pipe = n.parts[0];
  const auto& names = pipe.names;
  if (pipe.assigns && !names.empty()) {
    assign(names[0], names.size() > 1 ? index : item);
    if (names.size() > 1)
      assign(names[1], item);
  } else if (!names.empty()) {
    variables_[mark - 1].is = item; // the one declared last
    if (names.size() > 1)
      variables_[mark - 2].is = index;
  }
  visit(n);
  const flow then = failed() ? flow::leave : list(item, n.parts[1]);
  variables_.resize(mark);
  return then;
}

/// The other one sees nothing but the value that it is given.
void execution::call_template(const value& dot, const node& n) {
  const auto found = parts_.all.find(n.text);
  if (found == parts_.all.end())
    return fail("template " + quoted_text(n.text) + " not defined");
  const value given = pipeline(dot, n.parts.empty() ? nullptr : &n.parts[0]);
  if (failed())
    return;
  auto outer = std::exchange(variables_, std::vector<variable>{{"$", given}});
  const std::string_view caller = std::exchange(running_, found->first);
  list(given, found->second);
  running_ = caller;
  variables_ = std::move(outer);
}

void execution::write(const node& n, const value& v) {
  at_ = &n;
  if (v.is_none())
    out_.add("<no value>");
  else
    print(out_, {&v, 1});
}

std::variant<text_template, std::string> text_template::read(std::string name, std::string_view source,
                                                             std::span<const function> more) {
  auto parts = parse(name, source, more);
  if (auto* words = std::get_if<std::string>(&parts))
    return std::move(*words);
  return text_template{std::move(name), std::string{source}, std::get<definitions>(std::move(parts))};
}

std::variant<std::string, text_template::failure> text_template::execute(const value& dot) const {
  execution run{{name_, source_, parts_}};
  if (!run.run(dot))
    return failure{run.take_error()};
  return run.take();
}

std::string text_template::text() const {
  return to_text(parts_.find(name_)->second);
}

} // namespace troupe::templates
