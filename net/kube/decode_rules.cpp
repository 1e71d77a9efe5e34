// SPDX-License-Identifier: Apache-2.0
#include "net/kube/decode_rules.hpp"

#include "net/kube/timestamp.hpp"
#include "net/kube/version.hpp"

#include <fmt/format.h>

namespace troupe::kube {

namespace {

/// Good names as they are, anything else quoted.
std::string printable(const std::string& key) {
  const size_t slash = key.find('/');
  const bool good =
    slash == key.npos ? is_label(key) : is_label(key.substr(0, slash)) && is_subdomain(key.substr(slash + 1));
  return good ? key : quote(key);
}

std::optional<ledger::event> event_of(std::string_view type) {
  constexpr std::pair<std::string_view, ledger::event> names[] = {{"ADDED", ledger::event::added},
                                                                  {"MODIFIED", ledger::event::modified},
                                                                  {"DELETED", ledger::event::deleted},
                                                                  {"BOOKMARK", ledger::event::bookmark}};
  for (auto& [name, event] : names)
    if (name == type)
      return event;
  return std::nullopt;
}

template <class Object>
change removal(Object object, raw_meta&& names) {
  if constexpr (requires { object.namespace_; })
    object.namespace_ = std::move(names.namespace_);
  object.name = std::move(names.name);
  return {change::what::remove, std::move(object)};
}

} // namespace

void object_metadata::take_label(std::string_view name, std::string_view value) {
  if (name == "kubernetes.io/service-name")
    service_name = value;
  else if (name == "multicluster.kubernetes.io/service-name")
    imported = value;
  else if (name == "multicluster.kubernetes.io/source-cluster")
    source_cluster = value;
}

void object_metadata::take_annotation(std::string_view name, std::string_view value) {
  if (name == "k8s.io/initial-events-end")
    initial_events_end = value == "true";
  else if (name == "endpoints.kubernetes.io/last-change-trigger-time")
    last_change_trigger = value;
}

std::optional<list_end> usable(list_end&& end) {
  if (!is_version(end.resource_version) || end.continue_token.size() > max_continue_token)
    return std::nullopt;
  return std::move(end);
}

void decode_rules::on_item(object_fields& item, decoded& out) {
  context_.books().listed();
  if (auto got = convert(item.metadata(), item); got.upsert)
    out.changes.push_back(std::move(*got.upsert));
}

void decode_rules::on_event(std::string_view type, object_fields& object, decoded& out) {
  const auto what = event_of(type);
  if (!what)
    return on_unreadable("it is an event of no known type", out);
  auto meta = object.metadata();
  if (!is_version(meta.resource_version))
    meta.resource_version.clear();
  if (!context_.books().take(*what, meta.resource_version, meta.initial_events_end)) {
    out.went_back = std::move(meta.resource_version);
    return;
  }
  if (!meta.resource_version.empty())
    out.resource_version = meta.resource_version;
  if (*what == ledger::event::bookmark) {
    if (meta.initial_events_end && !out.initial_events_end)
      out.initial_events_end = out.changes.size();
  } else if (*what == ledger::event::deleted) {
    on_deleted(std::move(meta.names), std::move(meta), out);
  } else {
    auto got = convert(std::move(meta), object);
    if (got.upsert)
      out.changes.push_back(std::move(*got.upsert));
    else if (got.named) // as if it were not there, which is also what the next list would make of it
      on_deleted(std::move(got.names), {}, out);
  }
}

bool decode_rules::is(const type_name& name, bool list) {
  const type_name object = type_of(context_.watched());
  const std::string kind = std::string{object.kind} + (list ? "List" : "");
  const type_name wanted{kind, object.api_version};
  if (name == wanted)
    return true;
  foreign_ = fmt::format("{} instead of {}", to_text(name), to_text(wanted));
  return false;
}

/// In a list there is an object, whatever it is.
void decode_rules::lose(decoded& out) {
  ++out.lost;
  context_.books().listed();
}

void decode_rules::on_unreadable(std::string_view why, decoded& out) {
  context_.note("without a name", fmt::format("skipped: {}", why));
  lose(out);
}

void decode_rules::on_too_big(decoded& out) {
  context_.note(fmt::format("of more than {} octets", context_.max_object_octets()), "skipped: it is too big");
  lose(out);
}

decode_rules::converted decode_rules::convert(object_metadata&& meta, object_fields& object) {
  converted out;
  out.names = meta.names;
  const bool global = context_.watched() == resource::namespace_object;
  out.named = global ? is_label(meta.names.name) : is_label(meta.names.namespace_) && is_subdomain(meta.names.name);
  const std::string key = global ? meta.names.name : meta.names.namespace_ + "/" + meta.names.name;
  switch (context_.watched()) {
  case resource::service:
    use_in_part(object.service(std::move(meta)), key, out);
    break;
  case resource::endpoint_slice:
    if (!meta.service_name.empty() || !meta.imported.empty()) // else somebody else's slice, no fault
      use_in_part(object.slice(std::move(meta), context_.keep()), key, out);
    break;
  case resource::namespace_object:
    use(check_namespace(std::move(meta.names)), key, out);
    break;
  case resource::pod:
    if (auto raw = object.pod(std::move(meta), context_.keep()); !has_ended(raw.phase))
      use_in_part(std::move(raw), key, out);
    break;
  case resource::service_import:
    use(check(object.import(std::move(meta))), key, out);
    break;
  }
  return out;
}

/// For kinds whose parts may be left out.
template <class Raw>
void decode_rules::use_in_part(Raw&& raw, const std::string& key, converted& out) {
  std::string left_out;
  auto checked = check(std::move(raw), &left_out);
  if (left_out.empty() || checked.index() == 1)
    return use(std::move(checked), key, out);
  context_.note(printable(key), "used in part: " + left_out);
  out.upsert = change{change::what::upsert, std::get<0>(std::move(checked))};
}

template <class Checked>
void decode_rules::use(Checked&& checked, const std::string& key, converted& out) {
  if (auto* bad = std::get_if<unusable>(&checked)) {
    context_.note(printable(key), "skipped: " + bad->why);
    return;
  }
  context_.is_well(key);
  out.upsert = change{change::what::upsert, std::get<0>(std::move(checked))};
}

void decode_rules::on_deleted(raw_meta&& names, object_metadata&& last, decoded& out) {
  auto gone = [&](auto object) { out.changes.push_back(removal(std::move(object), std::move(names))); };
  switch (context_.watched()) {
  case resource::service:
    return gone(service{});
  case resource::endpoint_slice: {
    endpoint_slice slice;
    slice.service = std::move(last.service_name);
    slice.last_change_trigger = parse_timestamp(last.last_change_trigger).value_or(timestamp{});
    return gone(std::move(slice));
  }
  case resource::namespace_object:
    return gone(namespace_object{});
  case resource::pod:
    return gone(pod{});
  case resource::service_import:
    return gone(service_import{});
  }
}

} // namespace troupe::kube
