// SPDX-License-Identifier: Apache-2.0
#include "net/kube/decode_rules.hpp"
#include "net/kube/protobuf_fields.hpp"
#include "net/kube/protobuf_splitter.hpp"

#include <utility>

namespace troupe::kube {

namespace {

constexpr auto not_protobuf = "it is not a protobuf message";

/// What one object after another says. The messages stay, so that what reading the last one allocated serves the next:
/// of a start with 10,000 services that is a third of the time.
class protobuf_object : public object_fields {
public:
  /// False if it is not what it should be; then nothing may be asked of it.
  bool read(resource resource, std::string_view octets) {
    switch (resource) {
    case resource::service:
      return read(service_, octets);
    case resource::endpoint_slice:
      return read(slice_, octets);
    case resource::pod:
      return read(pod_, octets);
    case resource::namespace_object:
    case resource::service_import: // a custom resource: never in protobuf
      return read(any_, octets);
    }
    return false;
  }

  object_metadata metadata() override { return read_metadata(*meta_); }
  raw_service service(object_metadata&& meta) override { return read_service(service_, std::move(meta)); }
  raw_slice slice(object_metadata&& meta, const kept& keep) override {
    return read_slice(slice_, std::move(meta), keep);
  }
  raw_pod pod(object_metadata&& meta, const kept& keep) override { return read_pod(pod_, std::move(meta), keep); }
  raw_import import(object_metadata&& meta) override { return {std::move(meta.names), {}, {}, {}}; }

private:
  template <class Message>
  bool read(Message& into, std::string_view octets) {
    if (!read_message(into, octets))
      return false;
    meta_ = &into.metadata();
    return true;
  }

  wire::Service service_;
  wire::EndpointSlice slice_;
  wire::Pod pod_;
  wire::AnyObject any_;
  const wire::ObjectMeta* meta_ = nullptr;
};

/// Messages that are read over and over, but for the memory of very big ones.
template <class Messages>
class kept_messages {
public:
  Messages& for_next(size_t octets) {
    if (std::exchange(last_octets_, octets) > most_kept)
      messages_ = {};
    return messages_;
  }

private:
  static constexpr size_t most_kept = 64 * 1024;

  Messages messages_;
  size_t last_octets_ = 0;
};

class protobuf_list : public decoder {
public:
  explicit protobuf_list(decode_context& context)
    : context_(context), rules_(context),
      splitter_(context.max_object_octets(),
                {[this](std::string_view item) { on_item(item); }, [this] { rules_.on_too_big(*out_); }}) {}

  bool feed(std::string_view piece, decoded& out) override {
    out_ = &out;
    const bool ok = splitter_.feed(piece);
    out_ = nullptr;
    return ok;
  }

  const std::string& foreign() const override { return rules_.foreign(); }

  std::optional<list_end> finish() override {
    wire::ListMeta meta;
    if (!splitter_.complete() || !is_believed() || !read_message(meta, splitter_.metadata()))
      return std::nullopt;
    list_end end{meta.resource_version(), meta.continue_(), {}};
    if (meta.has_remaining_item_count() && meta.remaining_item_count() >= 0)
      end.remaining = static_cast<uint64_t>(meta.remaining_item_count());
    return usable(std::move(end));
  }

private:
  /// What it is stands before the list.
  bool is_believed() {
    if (!named_ && rules_.foreign().empty()) {
      wire::TypeMeta type;
      named_ = read_message(type, splitter_.type()) && rules_.is_list({type.kind(), type.api_version()});
    }
    return named_;
  }

  void on_item(std::string_view octets) {
    if (!is_believed())
      return;
    protobuf_object& item = item_.for_next(octets.size());
    if (!item.read(context_.watched(), octets))
      return rules_.on_unreadable(not_protobuf, *out_);
    rules_.on_item(item, *out_);
  }

  decode_context& context_;
  decode_rules rules_;
  protobuf_list_splitter splitter_;
  kept_messages<protobuf_object> item_;
  bool named_ = false; ///< the envelope said that it is such a list
  decoded* out_ = nullptr;
};

class protobuf_watch : public decoder {
public:
  explicit protobuf_watch(decode_context& context)
    : context_(context), rules_(context),
      splitter_(context.max_object_octets(),
                {[this](std::string_view frame) { on_frame(frame); }, [this] { rules_.on_too_big(*out_); }}) {}

  bool feed(std::string_view piece, decoded& out) override {
    out_ = &out;
    splitter_.feed(piece);
    out_ = nullptr;
    return true;
  }

  std::optional<list_end> finish() override { return std::nullopt; }
  const std::string& foreign() const override { return rules_.foreign(); }

private:
  void on_frame(std::string_view frame) {
    if (out_->is_over() || !rules_.foreign().empty())
      return;
    auto& [event, envelope, object] = messages_.for_next(frame.size());
    if (!read_message(event, frame) || !read_envelope(envelope, event.object().raw()))
      return rules_.on_unreadable(not_protobuf, *out_);
    if (event.type() == "ERROR") {
      out_->failure = read_status(envelope.raw()).value_or(api_failure{});
      return;
    }
    if (const auto& type = envelope.type_meta(); !rules_.is_object({type.kind(), type.api_version()}))
      return;
    if (!object.read(context_.watched(), envelope.raw()))
      return rules_.on_unreadable(not_protobuf, *out_);
    rules_.on_event(event.type(), object, *out_);
  }

  struct messages {
    wire::WatchEvent event;
    wire::Unknown envelope;
    protobuf_object object;
  };

  decode_context& context_;
  decode_rules rules_;
  frame_splitter splitter_;
  kept_messages<messages> messages_;
  decoded* out_ = nullptr;
};

} // namespace

std::unique_ptr<decoder> make_protobuf_list_decoder(decode_context& context) {
  return std::make_unique<protobuf_list>(context);
}

std::unique_ptr<decoder> make_protobuf_watch_decoder(decode_context& context) {
  return std::make_unique<protobuf_watch>(context);
}

} // namespace troupe::kube
