// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/ledger.hpp"
#include "net/kube/objects.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

/// From what the API server writes to kube::change, in JSON or in Kubernetes' protobuf encoding.
namespace troupe::kube {

/// A `Status` object: what the server says instead of what was asked.
struct api_failure {
  int code = 0;
  std::string reason, message;
  int retry_after = 0; ///< seconds; 0: not said
};

/// What a piece of a stream held, in order of arrival.
struct decoded {
  std::vector<change> changes;
  std::optional<std::string> resource_version; ///< newest seen, also from bookmarks; opaque
  std::optional<size_t> initial_events_end;    ///< the bookmark that ends a streaming list came after so many changes
  std::optional<api_failure> failure;          ///< an ERROR event; nothing after it was read
  size_t lost = 0;                             ///< events that may have changed something unknown: list again
  std::string went_back;                       ///< an event was older than the one before; nothing from it on was read

  bool is_over() const { return failure || !went_back.empty(); }
};

/// What stands at the end of a list page.
struct list_end {
  std::string resource_version;
  std::string continue_token;        ///< empty: this was the last page
  std::optional<uint64_t> remaining; ///< objects beyond this page, where the server says so (not with selectors)
};

/// Called with a sentence for the log for each object that was skipped: "Service default/x skipped: …".
using skip_report = std::function<void(const std::string&)>;

/// Decodes one response body that arrives in pieces of any size. One thread.
class decoder {
public:
  virtual ~decoder() = default;

  /// Takes the next piece and appends to `out`; false if the stream is broken and must be dropped.
  virtual bool feed(std::string_view piece, decoded& out) = 0;

  /// For a list, after the last piece: its end, or nothing if the body was not a whole list.
  virtual std::optional<list_end> finish() = 0;

  /// What came, and what was to come instead, once it is known to be of another kind or version; else empty. Nothing
  /// from there on was read.
  virtual const std::string& foreign() const = 0;
};

/// What one resource's decoders share over the life of the client: parser memory, counts, which objects were reported.
class decode_context {
public:
  decode_context(resource resource, size_t max_object_octets, skip_report report, const kept& keep = kept::all());
  ~decode_context();
  decode_context(const decode_context&) = delete;
  decode_context& operator=(const decode_context&) = delete;

  uint64_t skipped() const { return skipped_; } ///< objects and events not used, or used in part

  struct json_parser; ///< known to decode.cpp only

  resource watched() const { return resource_; }
  size_t max_object_octets() const { return max_octets_; }
  const kept& keep() const { return keep_; }
  const ledger& books() const { return books_; }
  ledger& books() { return books_; } ///< a decoder reports each item and each event here
  json_parser& parser() { return *parser_; }

  /// Counts, and reports "Service KEY PROBLEM" once per key; an empty key is reported each time it is new.
  void note(const std::string& key, const std::string& problem);
  /// While `on`, nothing is counted or reported: what is read was read before.
  void quiet(bool on) { quiet_ = on; }
  void is_well(const std::string& key) {
    if (!reported_.empty())
      reported_.erase(key);
  }

private:
  resource resource_;
  size_t max_octets_;
  kept keep_;
  skip_report report_;
  uint64_t skipped_ = 0;
  bool quiet_ = false;
  ledger books_;
  std::unordered_set<std::string> reported_; ///< broken objects are reported once, and again after they were well
  std::unique_ptr<json_parser> parser_;
};

/// `context` must outlive the decoder.
std::unique_ptr<decoder> make_json_list_decoder(decode_context& context);
std::unique_ptr<decoder> make_json_watch_decoder(decode_context& context);

std::unique_ptr<decoder> make_protobuf_list_decoder(decode_context& context);
std::unique_ptr<decoder> make_protobuf_watch_decoder(decode_context& context);

/// A whole `Status` body, in either encoding; nothing if it is something else (an HTML page of a proxy, say).
std::optional<api_failure> parse_status(std::string_view body);

} // namespace troupe::kube
