// SPDX-License-Identifier: Apache-2.0
#include "net/kube/decode.hpp"

#include "net/kube/decode_rules.hpp"
#include "net/kube/json_fields.hpp"
#include "net/kube/json_splitter.hpp"
#include "net/kube/protobuf_fields.hpp"
#include "net/kube/protobuf_splitter.hpp"
#include "net/kube/type_name.hpp"

#include <fmt/format.h>

namespace troupe::kube {

namespace {

constexpr size_t max_reported = 10'000;           ///< keys remembered; beyond it objects are only counted
constexpr size_t kept_parser_capacity = 1u << 20; ///< octets; the parser takes up to 14 for each

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

decode_context::decode_context(resource resource, size_t max_object_octets, skip_report report, const kept& keep)
  : resource_(resource), max_octets_(max_object_octets), keep_(keep), report_(std::move(report)),
    parser_(std::make_unique<json_parser>()) {}

decode_context::~decode_context() = default;

void decode_context::note(const std::string& key, const std::string& problem) {
  if (quiet_)
    return;
  ++skipped_;
  if (reported_.size() < max_reported && reported_.insert(key).second && report_)
    report_(fmt::format("{} {} {}", type_of(resource_).kind, key, problem));
}

namespace {

using simdjson::dom::element;

/// What an object in JSON says.
class json_object : public object_fields {
public:
  explicit json_object(element object) : object_(object) {}
  object_metadata metadata() override { return json::read_metadata(object_); }
  raw_service service(object_metadata&& meta) override { return json::read_service(object_, std::move(meta.names)); }
  raw_slice slice(object_metadata&& meta, const kept& keep) override {
    return json::read_slice(object_, std::move(meta), keep);
  }
  raw_pod pod(object_metadata&& meta, const kept& keep) override {
    return json::read_pod(object_, std::move(meta), keep);
  }
  raw_import import(object_metadata&& meta) override { return json::read_import(object_, std::move(meta.names)); }

private:
  element object_;
};

/// `kind` and `apiVersion` of an object.
struct named {
  explicit named(element object)
    : kind(json::text(json::member(object, "kind"))), version(json::text(json::member(object, "apiVersion"))) {}
  bool says_something() const { return !kind.empty() || !version.empty(); }
  type_name name() const { return {kind, version}; }

  std::string kind, version;
};

class json_base : public decoder {
public:
  json_base(decode_context& context, json_splitter::mode mode)
    : context_(context), rules_(context),
      splitter_(mode, context.max_object_octets(),
                {[this](std::string_view value) { on_value(value); }, [this] { rules_.on_too_big(*out_); }}) {}

  bool feed(std::string_view piece, decoded& out) override {
    out_ = &out;
    const bool ok = splitter_.feed(piece);
    out_ = nullptr;
    return ok;
  }

  const std::string& foreign() const override { return rules_.foreign(); }

protected:
  virtual void on_value(std::string_view value) = 0;

  bool is_over() const { return out_->is_over() || !rules_.foreign().empty(); }
  void on_not_json(simdjson::error_code error) { rules_.on_unreadable(simdjson::error_message(error), *out_); }

  decode_context& context_;
  decode_rules rules_;
  json_splitter splitter_;
  decoded* out_ = nullptr;
};

class json_list : public json_base {
public:
  explicit json_list(decode_context& context) : json_base(context, json_splitter::mode::list) {}

  std::optional<list_end> finish() override {
    element envelope;
    if (!splitter_.complete() || context_.parser().parse(splitter_.envelope()).get(envelope) != simdjson::SUCCESS)
      return std::nullopt;
    if (!rules_.is_list(named(envelope).name()))
      return std::nullopt;
    return usable(json::read_list_end(envelope));
  }

private:
  void on_value(std::string_view value) override {
    if (is_over())
      return;
    element item;
    if (auto error = context_.parser().parse(value).get(item); error != simdjson::SUCCESS)
      return on_not_json(error);
    if (!is_believed(item))
      return;
    json_object object{item};
    rules_.on_item(object, *out_);
  }

  /// Servers say what a list is before its items. Where it may stand behind them, in lists of custom resources, items
  /// say it themselves.
  bool is_believed(element item) {
    if (const auto own = named(item); own.says_something())
      return rules_.is_object(own.name());
    if (!named_) {
      simdjson::dom::parser parser; // of its own: the context's holds the item
      element so_far;
      named_ = parser.parse(std::string{splitter_.envelope()} + "]}").get(so_far) == simdjson::SUCCESS &&
               rules_.is_list(named(so_far).name());
    }
    return named_;
  }

  bool named_ = false; ///< the list said that it is one of those
};

class json_watch : public json_base {
public:
  explicit json_watch(decode_context& context) : json_base(context, json_splitter::mode::documents) {}

  std::optional<list_end> finish() override { return std::nullopt; }

private:
  void on_value(std::string_view value) override {
    if (is_over())
      return;
    element event;
    if (auto error = context_.parser().parse(value).get(event); error != simdjson::SUCCESS)
      return on_not_json(error);
    const auto member = json::member(event, "object");
    if (!member)
      return on_not_json(simdjson::NO_SUCH_FIELD);
    const std::string type = json::text(json::member(event, "type"));
    if (type == "ERROR") {
      out_->failure = json::read_status(*member);
      return;
    }
    if (!rules_.is_object(named(*member).name()))
      return;
    json_object object{*member};
    rules_.on_event(type, object, *out_);
  }
};

/// A whole `Status` in JSON.
std::optional<api_failure> json_status(std::string_view body) {
  simdjson::dom::parser parser;
  element object;
  if (parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS)
    return std::nullopt;
  if (json::text(json::member(object, "kind")) != "Status")
    return std::nullopt;
  return json::read_status(object);
}

} // namespace

std::unique_ptr<decoder> make_json_list_decoder(decode_context& context) {
  return std::make_unique<json_list>(context);
}

std::unique_ptr<decoder> make_json_watch_decoder(decode_context& context) {
  return std::make_unique<json_watch>(context);
}

std::optional<api_failure> parse_status(std::string_view body) {
  return body.starts_with(protobuf_magic) ? protobuf_status(body) : json_status(body);
}

} // namespace troupe::kube
