// SPDX-License-Identifier: Apache-2.0
#include "net/template/functions.hpp"

#include "net/template/format.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace troupe::templates {

namespace {

using arguments = std::span<const value>;

/// Where Go's reflect panics, and text/template says so.
std::string no_type() {
  return "reflect: call of reflect.Value.Type on zero Value";
}

/// Of a struct, not of the pointer to it that the host gives.
std::string type_behind(const value& v) {
  return std::string{v.type.substr(v.get<const object*>() && v.type.starts_with('*') ? 1 : 0)};
}

outcome made_text(text_sink& out, workspace& work) {
  return text(work.keep(out.take()));
}

// -- index, slice, len

/// A position in what has `most` items or octets, the end included.
std::variant<size_t, std::string> position(const value& at, size_t most) {
  int64_t number = 0;
  if (const auto* n = at.get<int64_t>())
    number = *n;
  else if (const auto* n = at.get<uint64_t>())
    number = static_cast<int64_t>(*n);
  else if (at.is_none())
    return "cannot index slice/array with nil";
  else
    return "cannot index slice/array with type " + std::string{at.type};
  if (number < 0 || static_cast<uint64_t>(number) > most)
    return "index out of range: " + std::to_string(number);
  return static_cast<size_t>(number);
}

outcome index_list(const value_list& items, const value& at) {
  const auto found = position(at, items.size);
  if (const auto* bad = std::get_if<std::string>(&found))
    return *bad;
  const size_t i = std::get<size_t>(found);
  if (i == items.size)
    return "reflect: slice index out of range";
  return items.items[i];
}

outcome index_text(std::string_view s, const value& at) {
  const auto found = position(at, s.size());
  if (const auto* bad = std::get_if<std::string>(&found))
    return *bad;
  const size_t i = std::get<size_t>(found);
  if (i == s.size())
    return "reflect: string index out of range";
  return natural(static_cast<uint8_t>(s[i]), "uint8");
}

outcome index_map(const value_map& entries, const value& key) {
  const auto* name = key.get<std::string_view>();
  if (!name)
    return key.is_none() ? std::string{"value is nil; should be of type string"}
                         : "value has type " + std::string{key.type} + "; should be string";
  const value* found = find(entries, *name);
  return found ? *found : text({});
}

outcome call_index(const object*, arguments all, workspace&) {
  value item = all[0];
  if (item.is_none())
    return "index of untyped nil";
  for (const value& at : all.subspan(1)) {
    outcome next;
    if (const auto* items = item.get<value_list>())
      next = index_list(*items, at);
    else if (const auto* s = item.get<std::string_view>())
      next = index_text(*s, at);
    else if (const auto* entries = item.get<value_map>())
      next = index_map(*entries, at);
    else
      next = "can't index item of type " + type_behind(item);
    if (next.index() != 0)
      return next;
    item = std::get<value>(next);
  }
  return item;
}

outcome call_slice(const object*, arguments all, workspace&) {
  const value& item = all[0];
  const arguments indexes = all.subspan(1);
  if (item.is_none())
    return "slice of untyped nil";
  if (indexes.size() > 3)
    return "too many slice indexes: " + std::to_string(indexes.size());
  const auto* s = item.get<std::string_view>();
  const auto* items = item.get<value_list>();
  if (s && indexes.size() == 3)
    return "cannot 3-index slice a string";
  if (!s && !items)
    return "can't slice item of type " + type_behind(item);
  const size_t most = s ? s->size() : items->size;
  size_t bounds[] = {0, most, most};
  for (size_t i = 0; i < indexes.size(); ++i) {
    const auto at = position(indexes[i], most);
    if (const auto* bad = std::get_if<std::string>(&at))
      return *bad;
    bounds[i] = std::get<size_t>(at);
  }
  for (size_t i = 0; i < 2; ++i)
    if (bounds[i] > bounds[i + 1] && (i == 0 || indexes.size() == 3))
      return "invalid slice index: " + std::to_string(bounds[i]) + " > " + std::to_string(bounds[i + 1]);
  if (s)
    return text(s->substr(bounds[0], bounds[1] - bounds[0]));
  return value{value_list{items->items + bounds[0], bounds[1] - bounds[0]}, item.type};
}

outcome call_len(const object*, arguments all, workspace&) {
  const value& item = all[0];
  if (item.is_none())
    return no_type();
  if (const auto* s = item.get<std::string_view>())
    return integer(static_cast<int64_t>(s->size()));
  if (const auto* items = item.get<value_list>())
    return integer(static_cast<int64_t>(items->size));
  if (const auto* entries = item.get<value_map>())
    return integer(static_cast<int64_t>(entries->size));
  return "len of type " + type_behind(item);
}

// -- printing

outcome call_print(const object*, arguments all, workspace& work) {
  text_sink out{work.room()};
  print(out, all);
  return made_text(out, work);
}

outcome call_println(const object*, arguments all, workspace& work) {
  text_sink out{work.room()};
  print_line(out, all);
  return made_text(out, work);
}

outcome call_printf(const object*, arguments all, workspace& work) {
  text_sink out{work.room()};
  print_format(out, *all[0].get<std::string_view>(), all.subspan(1));
  return made_text(out, work);
}

template <std::string (*Escape)(std::string_view)>
outcome call_escape(const object*, arguments all, workspace& work) {
  text_sink out{work.room() / 8}; // an escape makes six of one at most
  std::vector<value> shown{all.begin(), all.end()};
  for (value& v : shown)
    v = v.is_none() ? text("<no value>") : v;
  print(out, shown);
  if (out.full())
    work.made(work.room());
  return text(work.keep(Escape(out.take())));
}

// -- comparing

outcome truth_of(std::variant<bool, std::string> found, bool turned = false) {
  if (auto* bad = std::get_if<std::string>(&found))
    return std::move(*bad);
  return boolean(std::get<bool>(found) != turned);
}

outcome call_eq(const object*, arguments all, workspace& work) {
  return truth_of(equals(all[0], all.subspan(1), work));
}
outcome call_ne(const object*, arguments all, workspace& work) {
  return truth_of(equals(all[0], all.subspan(1), work), true);
}
outcome call_lt(const object*, arguments all, workspace& work) {
  return truth_of(less(all[0], all[1], work));
}
std::variant<bool, std::string> at_most(arguments all, workspace& work) {
  auto found = less(all[0], all[1], work);
  if (found.index() != 0 || std::get<bool>(found))
    return found;
  return equals(all[0], all.subspan(1), work);
}
outcome call_le(const object*, arguments all, workspace& work) {
  return truth_of(at_most(all, work));
}
outcome call_gt(const object*, arguments all, workspace& work) {
  return truth_of(at_most(all, work), true);
}
outcome call_ge(const object*, arguments all, workspace& work) {
  return truth_of(less(all[0], all[1], work), true);
}
outcome call_not(const object*, arguments all, workspace&) {
  return boolean(!truth(all[0]));
}

constexpr auto anything = parameter::anything;
constexpr auto interface = parameter::interface;
constexpr parameter one[] = {anything}, two[] = {anything, anything}, format[] = {parameter::text};

constexpr function builtins[] = {
  {"and", one, anything, nullptr, call_form::first_false},
  {"call", one, anything, nullptr, call_form::of_value},
  {"eq", one, anything, call_eq},
  {"ge", two, {}, call_ge},
  {"gt", two, {}, call_gt},
  {"html", {}, interface, call_escape<html_escaped>},
  {"index", one, anything, call_index},
  {"js", {}, interface, call_escape<js_escaped>},
  {"le", two, {}, call_le},
  {"len", one, {}, call_len},
  {"lt", two, {}, call_lt},
  {"ne", two, {}, call_ne},
  {"not", one, {}, call_not},
  {"or", one, anything, nullptr, call_form::first_true},
  {"print", {}, interface, call_print},
  {"printf", format, interface, call_printf},
  {"println", {}, interface, call_println},
  {"slice", one, anything, call_slice},
  {"urlquery", {}, interface, call_escape<url_escaped>},
};

} // namespace

const function* find_function(std::string_view name) noexcept {
  const auto* found = std::ranges::find(builtins, name, &function::name);
  return found == std::end(builtins) ? nullptr : found;
}

} // namespace troupe::templates
