// SPDX-License-Identifier: Apache-2.0
#include "net/kube/reflector.hpp"

#include "net/kube/check.hpp"

#include <fmt/format.h>

#include <utility>

namespace troupe::kube {

namespace {

using std::chrono::milliseconds;

constexpr size_t max_changes = 500;          ///< in one chunk
constexpr size_t max_error_body = 64 * 1024; ///< of an answer that is not 200
constexpr size_t max_message = 400;          ///< of a Status in the log
constexpr std::string_view protobuf_type = "application/vnd.kubernetes.protobuf";
constexpr auto json_type = "application/json";
constexpr auto protobuf_or_json = "application/vnd.kubernetes.protobuf,application/json";
constexpr auto too_large = "Too large resource version"; ///< the text is the only mark of it

struct place {
  const char *group, *plural, *path;
};

place place_of(resource which) {
  switch (which) {
  case resource::service:
    return {"", "services", "/api/v1/services"};
  case resource::endpoint_slice:
    return {"discovery.k8s.io", "endpointslices", "/apis/discovery.k8s.io/v1/endpointslices"};
  case resource::namespace_object:
    return {"", "namespaces", "/api/v1/namespaces"};
  case resource::pod:
    return {"", "pods", "/api/v1/pods"};
  case resource::service_import:
    return {"multicluster.x-k8s.io", "serviceimports", "/apis/multicluster.x-k8s.io/v1alpha1/serviceimports"};
  }
  return {"", "", ""};
}

/// Pods that are at their end are not asked for; has_ended() says the same of an object.
constexpr std::string_view living_pods = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown";

/// The label selector for a resource. ServiceImports have none: CoreDNS applies that of Namespaces to them, which hides
/// what nobody meant to hide (actors/stages/DEPARTURES.md).
std::string selector_of(resource which, const api_options& options) {
  constexpr auto imported = "multicluster.kubernetes.io/service-name"; // as a selector: the label is there
  switch (which) {
  case resource::namespace_object:
    return options.namespace_labels;
  case resource::service_import:
    return {};
  case resource::endpoint_slice:
    if (!options.endpoints)
      return options.labels.empty() ? imported : options.labels + "," + imported;
    break;
  case resource::service:
  case resource::pod:
    break;
  }
  return options.labels;
}

/// RFC 3986 section 2.1: all but the unreserved characters.
std::string percent_encoded(std::string_view text) {
  std::string result;
  for (char c : text)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
        c == '_' || c == '~')
      result += c;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return result;
}

} // namespace

const char* plural(resource which) {
  return place_of(which).plural;
}

reflector::reflector(resource which, const api_options& options, reflector_io& io)
  : which_(which), options_(options), io_(io),
    context_(which, options.max_object_octets, [this](const std::string& text) { io_.log(severity::warning, text); }),
    backoff_(options.timings), streaming_(options.streaming_list), protobuf_(options.protobuf && which != resource::service_import) {}

void reflector::start() {
  begin_list();
}

void reflector::relist() {
  if (waiting_) {
    phase_ = list_phase(); // when the wait is over
    return;
  }
  drop();
  begin_list();
}

// ---- what is asked next
// ------------------------------------------------------------------------------------------------

void reflector::begin_list() {
  ++relists_;
  phase_ = list_phase();
  continue_.clear();
  gathered_.clear();
  push({chunk::what::list_begin, which_, {}});
  go();
}

void reflector::begin_watch() {
  phase_ = phase::watch;
  go();
}

void reflector::again(phase next) {
  next == phase::watch ? begin_watch() : begin_list();
}

void reflector::go() {
  blocked_ = !pending_.empty(); // bounds what waits for credit: one piece of one response
  if (blocked_ || in_flight_)
    return;
  status_ = 0;
  retry_after_ = milliseconds{0};
  error_body_.clear();
  decoder_.reset();
  in_flight_ = true;
  auto& t = options_.timings;
  reflector_io::request request{target(), protobuf_ ? protobuf_or_json : json_type, phase_ != phase::list, t.list_idle,
                                milliseconds{0}};
  if (request.watch) {
    const auto spread = static_cast<double>((t.watch_max - t.watch_min).count());
    const auto time = t.watch_min + milliseconds{static_cast<int64_t>(spread * io_.random())};
    request.target += fmt::format("&timeoutSeconds={}", std::max<int64_t>(1, time.count() / 1000));
    request.idle = t.idle;
    request.deadline = time + t.watch_slack;
  }
  io_.get(std::move(request));
}

std::string reflector::target() const {
  std::string result = place_of(which_).path;
  const std::string version = percent_encoded(version_unusable_ ? std::string{} : version_);
  if (phase_ == phase::watch) {
    result += "?watch=1&allowWatchBookmarks=true&resourceVersion=" + percent_encoded(version_);
  } else if (phase_ == phase::streaming_list) {
    result +=
      "?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=" +
      version;
  } else if (!continue_.empty()) {
    result += fmt::format("?limit={}&continue={}", options_.page, percent_encoded(continue_));
  } else if (whole_list_) {
    result += "?resourceVersion=";
  } else if (version_unusable_) {
    result += fmt::format("?limit={}&resourceVersion=", options_.page);
  } else if (version.empty()) {
    result += fmt::format("?limit={}&resourceVersion=0", options_.page);
  } else {
    // Without a limit: with one the server would read etcd instead of its watch cache.
    result += "?resourceVersionMatch=NotOlderThan&resourceVersion=" + version;
  }
  if (const auto labels = selector_of(which_, options_); !labels.empty())
    result += "&labelSelector=" + percent_encoded(labels);
  if (which_ == resource::pod)
    result += "&fieldSelector=" + percent_encoded(living_pods);
  return result;
}

// ---- what comes back
// ---------------------------------------------------------------------------------------------------

void reflector::on_head(int status, milliseconds retry_after, std::string_view content_type) {
  status_ = status;
  in_protobuf_ = content_type.starts_with(protobuf_type);
  retry_after_ = retry_after;
  if (status != 200)
    return;
  if (phase_ == phase::list) {
    decoder_ = in_protobuf_ ? make_protobuf_list_decoder(context_) : make_json_list_decoder(context_);
    return;
  }
  decoder_ = in_protobuf_ ? make_protobuf_watch_decoder(context_) : make_json_watch_decoder(context_);
  watch_since_ = io_.now();
  watch_events_ = 0;
  if (phase_ == phase::watch) {
    ++watches_;
    backoff_.healthy(watch_since_);
    error_text({});
  }
}

bool reflector::on_body(std::string_view piece) {
  if (status_ != 200) {
    error_body_ += piece.substr(0, max_error_body - std::min(max_error_body, error_body_.size()));
    return true;
  }
  decoded got;
  const bool well_formed = decoder_->feed(piece, got);
  if (in_protobuf_ && (!well_formed || got.lost != 0)) {
    protobuf_ = false; // what it is can be seen in JSON, which also carries bigger objects
    drop();
    failed(list_phase(), cannot() + ": the server sent protobuf that cannot be read; listing again in JSON");
    return false;
  }
  if (!take(std::move(got)))
    return false;
  if (!well_formed) {
    drop();
    failed(list_phase(), cannot() + ": the server sent what is not JSON");
    return false;
  }
  paused_ = !pending_.empty();
  return !paused_;
}

/// False if the exchange was dropped.
bool reflector::take(decoded&& got) {
  const size_t all = got.changes.size();
  const size_t listed = phase_ == phase::watch ? 0 : got.initial_events_end.value_or(all);
  gather(std::move(got.changes), listed);
  if (phase_ == phase::streaming_list && got.initial_events_end) {
    list_is_whole(got.resource_version.value_or(std::string{}));
    phase_ = phase::watch;
    ++watches_;
  }
  push_changes(std::move(got.changes), listed, all);
  if (phase_ == phase::watch) {
    watch_events_ += all + (got.resource_version ? 1 : 0);
    if (got.resource_version)
      version_ = std::move(*got.resource_version);
  }
  if (got.failure) {
    drop();
    failed_event(*got.failure);
    return false;
  }
  if (got.lost != 0 && phase_ == phase::watch) {
    drop();
    failed(list_phase(), fmt::format("{}: {} events could not be read; listing again", cannot(), got.lost));
    return false;
  }
  return true;
}

void reflector::on_end(const exchange_error* error) {
  in_flight_ = paused_ = false;
  if (error && (status_ == 0 || status_ == 200))
    failed_exchange(*error);
  else if (status_ != 200)
    failed_status();
  else if (phase_ == phase::list)
    end_of_page();
  else
    end_of_watch();
}

void reflector::end_of_page() {
  auto end = decoder_->finish();
  if (!end)
    return failed(list_phase(), cannot() + ": the answer is not a whole list");
  if (end->continue_token.empty()) {
    list_is_whole(std::move(end->resource_version));
    return begin_watch();
  }
  continue_ = std::move(end->continue_token);
  go();
}

void reflector::list_is_whole(std::string resource_version) {
  const auto now = io_.now();
  version_ = std::move(resource_version);
  version_unusable_ = whole_list_ = false;
  backoff_.healthy(now);
  error_text({});
  const auto period = static_cast<double>(options_.timings.relist.count());
  listed_at_ = now;
  list_due_ = now + milliseconds{static_cast<int64_t>(period * (1 + io_.random() / 5))};
  push_changes(std::move(gathered_), 0, gathered_.size());
  gathered_.clear();
  push({chunk::what::list_end, which_, {}});
}

void reflector::end_of_watch() {
  const auto now = io_.now();
  if (phase_ == phase::streaming_list) {
    streaming_ = false; // a server, or a proxy before it, that does not know the bookmark
    return failed(phase::list, cannot() + ": the stream ended before the list was whole");
  }
  if (watch_events_ == 0 && now - watch_since_ < options_.timings.short_watch)
    return failed(phase::watch, cannot() + ": the watch was closed at once");
  again(now >= list_due_ ? list_phase() : phase::watch);
}

void reflector::on_timer() {
  waiting_ = false;
  again(phase_);
}

// ---- failures
// ----------------------------------------------------------------------------------------------------------

void reflector::failed_exchange(const exchange_error& error) {
  const std::string text = fmt::format("{}: {}", cannot(), error.text);
  switch (error.what) {
  case exchange_error::kind::renewed:
    return again(same_phase());
  case exchange_error::kind::refused:
    // What comes back may be another server with an older state: list, do not go on as if nothing happened.
    error_text(text);
    return again_later(list_phase(), backoff_.next_refused(io_.now(), io_.random()));
  case exchange_error::kind::deadline:
  case exchange_error::kind::silent:
    if (phase_ == phase::streaming_list && status_ == 200)
      streaming_ = false; // the bookmark never came
    break;
  default:
    break;
  }
  failed(same_phase(), text);
}

void reflector::failed_status() {
  auto failure = parse_status(error_body_).value_or(api_failure{});
  const std::string text = fmt::format("{}: HTTP {}{}{}", cannot(), status_, failure.message.empty() ? "" : ": ",
                                       failure.message.empty() ? std::string{} : quote(failure.message, max_message));
  if (status_ == 410 || failure.reason == "Expired" || failure.reason == "Gone" ||
      failure.message.find(too_large) != std::string::npos)
    return gone(text);
  if (phase_ == phase::streaming_list && (status_ == 400 || status_ == 404 || status_ == 422)) {
    streaming_ = false;
    return begin_list();
  }
  if ((status_ == 406 || status_ == 415) && std::exchange(protobuf_, false))
    return again(same_phase());
  if (status_ == 401 && io_.renew_token())
    return again(same_phase());
  if (status_ == 403) {
    auto place = place_of(which_);
    return failed(same_phase(),
                  fmt::format("{}; the ClusterRole needs the rule {{apiGroups: [\"{}\"], resources: [\"{}\"], verbs: "
                              "[\"list\", \"watch\"]}}",
                              text, place.group, place.plural));
  }
  const auto wait = std::max(retry_after_, milliseconds{1000} * failure.retry_after);
  if (wait.count() == 0 || (status_ != 429 && status_ < 500))
    return failed(same_phase(), text);
  error_text(text);
  again_later(same_phase(), backoff_.next_retry_after(io_.now(), wait, io_.random()));
}

void reflector::failed_event(const api_failure& failure) {
  const std::string text =
    fmt::format("{}: error {} in the stream: {}", cannot(), failure.code, quote(failure.message, max_message));
  if (failure.code == 410 || failure.reason == "Expired" || failure.reason == "Gone")
    return gone(text);
  const auto next = failure.code == 429 ? same_phase() : list_phase();
  error_text(text);
  again_later(next, backoff_.next_retry_after(io_.now(), milliseconds{1000} * failure.retry_after, io_.random()));
}

/// A resourceVersion or continue token is too old, or from another life of the server. The old data stays in use.
void reflector::gone(const std::string& text) {
  if (phase_ == phase::watch) {
    // A server that says so about the version of its own fresh list must not be asked without end.
    if (io_.now() - listed_at_ < options_.timings.short_watch)
      return failed(list_phase(), text);
    return begin_list();
  }
  if (!continue_.empty() && !whole_list_)
    whole_list_ = version_unusable_ = true;
  else if (!version_unusable_)
    version_unusable_ = true;
  else
    return failed(list_phase(), text);
  begin_list();
}

void reflector::failed(phase next, const std::string& text) {
  error_text(text);
  again_later(next, backoff_.next(io_.now(), io_.random()));
}

void reflector::again_later(phase next, milliseconds wait) {
  phase_ = next;
  waiting_ = true;
  io_.wait(wait);
}

void reflector::drop() {
  if (in_flight_)
    io_.abort();
  in_flight_ = paused_ = false;
}

/// Logs what is new; the same failure again and again is one line.
void reflector::error_text(const std::string& text) {
  if (text == last_error_)
    return;
  if (text.empty())
    io_.log(severity::info, fmt::format("{} are read again", plural(which_)));
  else
    io_.log(severity::warning, text);
  last_error_ = text;
}

std::string reflector::cannot() const {
  return fmt::format("cannot {} {}", phase_ == phase::list ? "list" : "watch", plural(which_));
}

// ---- credit
// ------------------------------------------------------------------------------------------------------------

/// A server writes a streaming list object by object; the consumer shall get it in big pieces.
void reflector::gather(std::vector<change>&& changes, size_t end) {
  const auto begin = changes.begin();
  gathered_.insert(gathered_.end(), std::make_move_iterator(begin),
                   std::make_move_iterator(begin + static_cast<ptrdiff_t>(end)));
  if (gathered_.size() < max_changes)
    return;
  push_changes(std::move(gathered_), 0, gathered_.size());
  gathered_.clear();
}

void reflector::push_changes(std::vector<change>&& changes, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i += max_changes) {
    chunk next{chunk::what::objects, which_, {}};
    const auto from = changes.begin() + static_cast<ptrdiff_t>(i);
    const auto to = changes.begin() + static_cast<ptrdiff_t>(std::min(end, i + max_changes));
    next.changes.assign(std::make_move_iterator(from), std::make_move_iterator(to));
    push(std::move(next));
  }
}

void reflector::push(chunk&& what) {
  pending_.push_back(std::move(what));
  flush();
}

void reflector::flush() {
  while (credit_ > 0 && !pending_.empty()) {
    --credit_;
    chunk next = std::move(pending_.front());
    pending_.pop_front();
    const bool first_list = next.kind == chunk::what::list_end && !std::exchange(synced_, true);
    io_.emit(std::move(next));
    if (first_list)
      io_.synced();
  }
}

void reflector::grant(size_t chunks) {
  credit_ += chunks;
  flush();
  if (!pending_.empty())
    return;
  if (std::exchange(paused_, false))
    io_.resume();
  else if (blocked_ && !waiting_)
    go();
}

} // namespace troupe::kube
