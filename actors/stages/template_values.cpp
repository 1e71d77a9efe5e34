// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/template_values.hpp"

#include "net/dns/text.hpp"
#include "net/socket.hpp"

#include <cstring>

namespace troupe {

namespace {

using templates::value;

constexpr uint16_t template_any = 255;

std::string class_of_question(const config::template_options& use, const dns::query& query) {
  return query.qclass == template_any ? use.class_text : dns::class_text(query.qclass);
}

std::string type_of_question(const config::template_options& use, const dns::query& query) {
  return query.qtype == template_any ? use.type_text : config::template_type_text(query.qtype);
}

/// Its address as Go writes it: that of a socket for both families as IPv4 where it is one.
std::string address_text(const net::peer& client) {
  net::socket_address from;
  std::memcpy(&from.raw, &client.remote, sizeof client.remote);
  std::string out = from.to_text();
  const size_t colon = out.rfind(':');
  out.resize(colon == out.npos ? out.size() : colon);
  if (out.starts_with('[') && out.ends_with(']'))
    out = out.substr(1, out.size() - 2);
  constexpr std::string_view mapped = "::ffff:";
  return out.starts_with(mapped) && out.find('.') != out.npos ? out.substr(mapped.size()) : out;
}

templates::outcome call_meta_label(const templates::object* self, std::span<const value> all,
                                   templates::workspace& work) {
  const auto& values = static_cast<const template_values&>(*self);
  return templates::text(work.keep(values.label(*all[0].get<std::string_view>())));
}

constexpr templates::parameter label_of_meta[] = {templates::parameter::text};
constexpr templates::function meta_of_template{"Meta", label_of_meta, {}, call_meta_label};

} // namespace

std::optional<value> question_value::field(std::string_view name, templates::workspace& work) const {
  if (name == "Name")
    return templates::text(work.keep(dns::to_text(query_.name_as_sent())));
  if (name == "Qtype")
    return templates::natural(query_.qtype, "uint16");
  if (name == "Qclass")
    return templates::natural(query_.qclass, "uint16");
  if (name == "String")
    return templates::text(work.keep(text()));
  return std::nullopt;
}

std::string question_value::text() const {
  const std::string type = config::template_type_text(query_.qtype);
  return ";" + dns::to_text(query_.name_as_sent()) + "\t" + dns::class_text(query_.qclass) + "\t " +
         (type.empty() ? "TYPE" + std::to_string(query_.qtype) : type);
}

std::optional<value> message_value::field(std::string_view name, templates::workspace&) const {
  constexpr std::pair<std::string_view, uint16_t> flags[] = {
    {"Response", dns::flag::qr},          {"Authoritative", dns::flag::aa},      {"Truncated", dns::flag::tc},
    {"RecursionDesired", dns::flag::rd},  {"RecursionAvailable", dns::flag::ra}, {"Zero", dns::flag::z},
    {"AuthenticatedData", dns::flag::ad}, {"CheckingDisabled", dns::flag::cd}};
  for (const auto& [flag, bit] : flags)
    if (name == flag)
      return templates::boolean((query_.flags & bit) != 0);
  if (name == "Id")
    return templates::natural(query_.id, "uint16");
  if (name == "Opcode")
    return templates::integer(static_cast<int64_t>(query_.op()));
  if (name == "Rcode")
    return templates::integer(query_.flags & 15);
  if (name == "Compress")
    return templates::boolean(false);
  if (name == "Question")
    return value{templates::value_list{questions_, 1}, "[]dns.Question"};
  if (name == "Answer" || name == "Ns")
    return value{templates::value_list{}, "[]dns.RR"};
  return std::nullopt;
}

std::string message_value::text() const {
  return question_.text();
}

template_values::template_values(const config::template_options& use, const net::slot& slot, std::string_view zone,
                                 std::string_view name, const config::template_match& match,
                                 std::span<const std::string_view> groups, const question_labels& labels)
  : zone_(zone), name_(name), regex_(match.text), class_(class_of_question(use, slot.query)),
    type_(type_of_question(use, slot.query)), remote_(address_text(slot.from)), question_(slot.query, "*dns.Question"),
    message_(slot.query), labels_(labels) {
  for (const std::string_view found : groups)
    match_.push_back(templates::text(found));
  for (const auto& [key, group] : match.groups)
    group_.push_back({key, templates::text(groups[group])});
}

std::optional<value> template_values::field(std::string_view name, templates::workspace&) const {
  const std::pair<std::string_view, std::string_view> plain[] = {
    {"Zone", zone_}, {"Name", name_}, {"Regex", regex_}, {"Class", class_}, {"Type", type_}, {"Remote", remote_}};
  for (const auto& [field, is] : plain)
    if (name == field)
      return templates::text(is);
  if (name == "Match")
    return templates::texts(match_);
  if (name == "Group")
    return templates::text_map(group_);
  if (name == "Question")
    return templates::host(question_);
  return name == "Message" ? std::optional{templates::host(message_)} : std::nullopt;
}

const templates::function* template_values::method(std::string_view name) const noexcept {
  return name == "Meta" ? &meta_of_template : nullptr;
}

/// Go prints addresses of memory here; nobody can want that.
std::string template_values::text() const {
  return "{" + std::string{zone_} + " " + std::string{name_} + "}";
}

} // namespace troupe
