// SPDX-License-Identifier: Apache-2.0
#include "net/kube/decode.hpp"

#include "net/kube/json_fields.hpp"
#include "net/kube/json_splitter.hpp"
#include "net/kube/version.hpp"

#include <fmt/format.h>

namespace troupe::kube {

namespace {

constexpr size_t max_reported = 10'000; ///< keys remembered; beyond it objects are only counted
constexpr size_t max_continue_token = 64 * 1024;
constexpr size_t kept_parser_capacity = 4u << 20;

const char* kind_of(resource which) {
  switch (which) {
  case resource::service:
    return "Service";
  case resource::endpoint_slice:
    return "EndpointSlice";
  case resource::namespace_object:
    return "Namespace";
  case resource::pod:
    return "Pod";
  case resource::service_import:
    return "ServiceImport";
  }
  return "";
}

} // namespace

struct decode_context::json_parser {
  simdjson::dom::parser parser;

  /// `padded` must be followed by json_splitter::value_padding readable octets.
  simdjson::simdjson_result<simdjson::dom::element> parse(std::string_view padded) {
    static_assert(json_splitter::value_padding >= simdjson::SIMDJSON_PADDING);
    if (parser.capacity() > kept_parser_capacity)
      parser = simdjson::dom::parser{};
    return parser.parse(padded.data(), padded.size(), false);
  }
};

decode_context::decode_context(resource which, size_t max_object_octets, skip_report report)
  : which_(which), max_octets_(max_object_octets), report_(std::move(report)),
    parser_(std::make_unique<json_parser>()) {}

decode_context::~decode_context() = default;

void decode_context::note(const std::string& key, const std::string& what) {
  if (quiet_)
    return;
  ++skipped_;
  if (reported_.size() < max_reported && reported_.insert(key).second && report_)
    report_(fmt::format("{} {} {}", kind_of(which_), key, what));
}

namespace {

/// What one JSON object became.
struct converted {
  std::optional<change> upsert;
  bool named = false; ///< names_ are good enough to say "gone"
  raw_meta names;
};

class json_base : public decoder {
public:
  json_base(decode_context& context, json_splitter::mode mode)
    : context_(context),
      splitter_(mode, context.max_object_octets(),
                {[this](std::string_view value) { on_value(value); }, [this](size_t octets) { on_too_big(octets); }}) {}

  bool feed(std::string_view piece, decoded& out) override {
    out_ = &out;
    const bool ok = splitter_.feed(piece);
    out_ = nullptr;
    return ok && !broken_;
  }

protected:
  virtual void on_value(std::string_view value) = 0;

  void on_too_big(size_t octets) {
    context_.note(fmt::format("of {} octets", octets), "skipped: it is too big");
    lose();
  }

  void on_not_json(simdjson::error_code error) {
    context_.note("without a name", fmt::format("skipped: {}", simdjson::error_message(error)));
    lose();
  }

  void lose() {
    ++out_->lost;
    context_.books().listed(); // in a list there is an object, whatever it is
  }

  converted convert(simdjson::dom::element object, json::metadata&& meta) {
    converted out;
    out.names = meta.names;
    const bool global = context_.which() == resource::namespace_object;
    out.named = global ? is_label(meta.names.name) : is_label(meta.names.namespace_) && is_subdomain(meta.names.name);
    const std::string key = global ? meta.names.name : meta.names.namespace_ + "/" + meta.names.name;
    switch (context_.which()) {
    case resource::service:
      use_in_part(json::read_service(object, std::move(meta.names)), key, out);
      break;
    case resource::endpoint_slice:
      if (!meta.service_name.empty() || !meta.imported.empty()) // else somebody else's slice, no fault
        use_in_part(json::read_slice(object, std::move(meta)), key, out);
      break;
    case resource::namespace_object:
      use(check_namespace(std::move(meta.names)), key, out);
      break;
    case resource::pod:
      if (auto raw = json::read_pod(object, std::move(meta)); !has_ended(raw.phase))
        use_in_part(std::move(raw), key, out);
      break;
    case resource::service_import:
      use(check(json::read_import(object, std::move(meta.names))), key, out);
      break;
    }
    return out;
  }

  decode_context& context_;
  json_splitter splitter_;
  decoded* out_ = nullptr;
  bool broken_ = false;

private:
  /// For kinds whose parts may be left out.
  template <class Raw>
  void use_in_part(Raw&& raw, const std::string& key, converted& out) {
    std::string left_out;
    auto checked = check(std::move(raw), &left_out);
    if (left_out.empty() || checked.index() == 1)
      return use(std::move(checked), key, out);
    context_.note(printable(key), "used in part: " + left_out);
    out.upsert = change{change::what::upsert, std::get<0>(std::move(checked))};
  }

  template <class Checked>
  void use(Checked checked, const std::string& key, converted& out) {
    if (auto* bad = std::get_if<unusable>(&checked)) {
      context_.note(printable(key), "skipped: " + bad->why);
      return;
    }
    context_.is_well(key);
    out.upsert = change{change::what::upsert, std::get<0>(std::move(checked))};
  }

  /// Good names as they are, anything else quoted.
  static std::string printable(const std::string& key) {
    const size_t slash = key.find('/');
    const bool good =
      slash == key.npos ? is_label(key) : is_label(key.substr(0, slash)) && is_subdomain(key.substr(slash + 1));
    return good ? key : quote(key);
  }
};

class json_list : public json_base {
public:
  explicit json_list(decode_context& context) : json_base(context, json_splitter::mode::list) {}

  std::optional<list_end> finish() override {
    simdjson::dom::element envelope;
    if (broken_ || !splitter_.complete() ||
        context_.parser().parse(splitter_.envelope()).get(envelope) != simdjson::SUCCESS)
      return std::nullopt;
    auto meta = json::read_metadata(envelope);
    if (!is_version(meta.resource_version) || meta.continue_token.size() > max_continue_token)
      return std::nullopt;
    return list_end{std::move(meta.resource_version), std::move(meta.continue_token), meta.remaining};
  }

private:
  void on_value(std::string_view value) override {
    simdjson::dom::element item;
    if (auto error = context_.parser().parse(value).get(item); error != simdjson::SUCCESS)
      return on_not_json(error);
    context_.books().listed();
    if (auto got = convert(item, json::read_metadata(item)); got.upsert)
      out_->changes.push_back(std::move(*got.upsert));
  }
};

class json_watch : public json_base {
public:
  explicit json_watch(decode_context& context) : json_base(context, json_splitter::mode::documents) {}

  std::optional<list_end> finish() override { return std::nullopt; }

private:
  void on_value(std::string_view value) override {
    if (out_->failure || !out_->went_back.empty())
      return;
    simdjson::dom::element event, object;
    if (auto error = context_.parser().parse(value).get(event); error != simdjson::SUCCESS)
      return on_not_json(error);
    const auto member = json::member(event, "object");
    if (!member)
      return on_not_json(simdjson::NO_SUCH_FIELD);
    object = *member;
    const std::string type = json::text(json::member(event, "type"));
    if (type == "ERROR") {
      out_->failure = json::read_status(object);
      return;
    }
    const auto what = event_of(type);
    if (!what)
      return on_not_json(simdjson::INCORRECT_TYPE);
    auto meta = json::read_metadata(object);
    if (!is_version(meta.resource_version))
      meta.resource_version.clear();
    if (!context_.books().take(*what, meta.resource_version, meta.initial_events_end)) {
      out_->went_back = std::move(meta.resource_version);
      return;
    }
    if (!meta.resource_version.empty())
      out_->resource_version = meta.resource_version;
    if (*what == ledger::event::bookmark) {
      if (meta.initial_events_end && !out_->initial_events_end)
        out_->initial_events_end = out_->changes.size();
    } else if (*what == ledger::event::deleted) {
      on_deleted(std::move(meta.names));
    } else {
      on_object(object, std::move(meta));
    }
  }

  static std::optional<ledger::event> event_of(std::string_view type) {
    constexpr std::pair<std::string_view, ledger::event> names[] = {{"ADDED", ledger::event::added},
                                                                    {"MODIFIED", ledger::event::modified},
                                                                    {"DELETED", ledger::event::deleted},
                                                                    {"BOOKMARK", ledger::event::bookmark}};
    for (auto& [name, event] : names)
      if (name == type)
        return event;
    return std::nullopt;
  }

  void on_object(simdjson::dom::element object, json::metadata&& meta) {
    auto got = convert(object, std::move(meta));
    if (got.upsert)
      out_->changes.push_back(std::move(*got.upsert));
    else if (got.named) // as if it were not there, which is also what the next list would make of it
      on_deleted(std::move(got.names));
  }

  void on_deleted(raw_meta&& names) {
    switch (context_.which()) {
    case resource::service:
      return gone(service{}, std::move(names));
    case resource::endpoint_slice:
      return gone(endpoint_slice{}, std::move(names));
    case resource::namespace_object:
      return gone(namespace_object{}, std::move(names));
    case resource::pod:
      return gone(pod{}, std::move(names));
    case resource::service_import:
      return gone(service_import{}, std::move(names));
    }
  }

  template <class Object>
  void gone(Object object, raw_meta&& names) {
    if constexpr (requires { object.namespace_; })
      object.namespace_ = std::move(names.namespace_);
    object.name = std::move(names.name);
    out_->changes.push_back({change::what::remove, std::move(object)});
  }
};

} // namespace

std::unique_ptr<decoder> make_json_list_decoder(decode_context& context) {
  return std::make_unique<json_list>(context);
}

std::unique_ptr<decoder> make_json_watch_decoder(decode_context& context) {
  return std::make_unique<json_watch>(context);
}

std::optional<api_failure> parse_status(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element object;
  if (parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS)
    return std::nullopt;
  if (json::text(json::member(object, "kind")) != "Status")
    return std::nullopt;
  return json::read_status(object);
}

} // namespace troupe::kube
