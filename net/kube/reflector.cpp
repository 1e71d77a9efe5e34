// SPDX-License-Identifier: Apache-2.0
#include "net/kube/reflector.hpp"

#include "net/kube/check.hpp"
#include "net/kube/version.hpp"

#include <fmt/format.h>

#include <utility>

namespace troupe::kube {

namespace {

using std::chrono::milliseconds;

constexpr size_t max_error_body = 64 * 1024; ///< of an answer that is not 200
constexpr int max_audit_tries = 3;           ///< without an answer; then the work goes on without
constexpr std::string_view protobuf_type = "application/vnd.kubernetes.protobuf";
constexpr auto json_type = "application/json";
constexpr auto protobuf_or_json = "application/vnd.kubernetes.protobuf,application/json";

} // namespace

reflector::reflector(resource resource, const api_options& options, reflector_io& io)
  : resource_(resource), options_(options), io_(io),
    context_(
      resource, options.max_object_octets, [this](const std::string& text) { io_.log(severity::warning, text); },
      options.keep),
    backoff_(options.timings), streaming_(options.streaming_list),
    protobuf_(options.protobuf && resource != resource::service_import) {}

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
  list_octets_ = 0;
  gathered_.clear();
  context_.books().list_begins();
  push({chunk::what::list_begin, resource_, {}});
  go();
}

void reflector::begin_audit() {
  if (audit_tries_ >= max_audit_tries) { // etcd may be slow or away while watches still go
    audit_tries_ = 0;
    return again(after_audit_);
  }
  ++audit_tries_;
  ++audits_;
  phase_ = phase::audit;
  context_.books().list_begins();
  go();
}

void reflector::begin_watch() {
  phase_ = phase::watch;
  go();
}

void reflector::again(phase next) {
  if (next == phase::watch)
    begin_watch();
  else if (next == phase::audit)
    begin_audit();
  else
    begin_list();
}

/// What to do before `next` when it may be another server, or one with another state, that answers now.
reflector::phase reflector::checked(phase next) {
  if (version_.empty() || version_unusable_ || next == phase::audit)
    return next;
  after_audit_ = next;
  return phase::audit;
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
  const bool watch = phase_ == phase::watch || phase_ == phase::streaming_list;
  reflector_io::request request{target(), protobuf_ ? protobuf_or_json : json_type, watch, t.list_idle,
                                watch ? milliseconds{0} : t.list_deadline};
  if (request.watch) {
    const auto spread = static_cast<double>((t.watch_max - t.watch_min).count());
    const auto time = t.watch_min + milliseconds{static_cast<int64_t>(spread * io_.random())};
    request.target += fmt::format("&timeoutSeconds={}", std::max<int64_t>(1, time.count() / 1000));
    request.idle = t.idle;
    request.deadline = time + t.watch_slack;
  }
  io_.get(std::move(request));
}

// ---- what comes back
// ---------------------------------------------------------------------------------------------------

void reflector::on_head(int status, milliseconds retry_after, std::string_view content_type) {
  status_ = status;
  in_protobuf_ = content_type.starts_with(protobuf_type);
  retry_after_ = retry_after;
  if (status != 200)
    return;
  context_.quiet(phase_ == phase::audit); // its one object was read before
  if (phase_ == phase::list || phase_ == phase::audit) {
    decoder_ = in_protobuf_ ? make_protobuf_list_decoder(context_) : make_json_list_decoder(context_);
    return;
  }
  decoder_ = in_protobuf_ ? make_protobuf_watch_decoder(context_) : make_json_watch_decoder(context_);
  watch_since_ = io_.now();
  watch_events_ = 0;
  if (phase_ == phase::watch) {
    ++watches_;
    context_.books().watch_begins(version_);
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
  if (is_foreign() || is_too_much(piece.size()))
    return false;
  if (in_protobuf_ && phase_ != phase::audit && (!well_formed || got.lost != 0)) {
    protobuf_ = false; // what it is can be seen in JSON, which also carries bigger objects
    drop();
    if (phase_ == phase::watch)
      fresh_.saw(stale_sign::unreadable);
    failed(list_phase(), cannot() + ": the server sent protobuf that cannot be read; listing again in JSON");
    return false;
  }
  if (phase_ != phase::audit && !take(std::move(got)))
    return false;
  if (!well_formed && phase_ != phase::audit) {
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
    const std::string version = got.resource_version.value_or(std::string{});
    if (version.empty()) {
      drop();
      streaming_ = false;
      failed(phase::list, cannot() + ": the list has no version");
      return false;
    }
    if (goes_back(version))
      return false;
    list_is_whole(version);
    phase_ = phase::watch;
    ++watches_;
  }
  push_changes(std::move(got.changes), listed, all);
  if (phase_ != phase::watch)
    return true;
  watch_events_ += all + (got.resource_version ? 1 : 0);
  if (got.resource_version) {
    version_ = std::move(*got.resource_version);
    fresh_.last_event = io_.now();
  }
  return is_good(got);
}

/// What a piece of a watch says besides changes. False if the watch was dropped for it.
bool reflector::is_good(const decoded& got) {
  if (!got.went_back.empty()) {
    stale(stale_sign::version, fmt::format("{}: an event of version {} came after {}; listing again", cannot(),
                                           quote(got.went_back), quote(version_)));
    return false;
  }
  if (got.failure) {
    drop();
    failed_event(*got.failure);
    return false;
  }
  if (got.lost != 0) {
    drop();
    fresh_.saw(stale_sign::unreadable);
    failed(list_phase(), fmt::format("{}: {} events could not be read; listing again", cannot(), got.lost));
    return false;
  }
  return !books_differ();
}

void reflector::on_end(const exchange_error* error) {
  in_flight_ = paused_ = false;
  if (error && (status_ == 0 || status_ == 200))
    failed_exchange(*error);
  else if (status_ != 200)
    failed_status();
  else if (phase_ == phase::list)
    end_of_page();
  else if (phase_ == phase::audit)
    end_of_audit();
  else
    end_of_watch();
}

void reflector::end_of_page() {
  auto end = decoder_->finish();
  if (is_foreign())
    return;
  if (!end)
    return failed(list_phase(), cannot() + ": the answer is not a whole list");
  if (end->continue_token.empty()) {
    if (goes_back(end->resource_version))
      return;
    list_is_whole(std::move(end->resource_version));
    return begin_watch();
  }
  if (end->continue_token == continue_)
    return failed(list_phase(), cannot() + ": the list does not go on");
  continue_ = std::move(end->continue_token);
  go();
}

/// An answer that is no list says nothing: the watch finds out what is wrong with the server.
void reflector::end_of_audit() {
  auto& books = context_.books();
  audited_at_ = io_.now();
  audit_tries_ = 0;
  if (auto end = decoder_->finish()) {
    if (goes_back(end->resource_version))
      return;
    if (end->continue_token.empty())
      books.expect({std::move(end->resource_version), books.items()});
    else if (end->remaining)
      books.expect({std::move(end->resource_version), books.items() + *end->remaining});
  }
  again(after_audit_);
}

void reflector::list_is_whole(std::string resource_version) {
  const auto now = io_.now();
  version_ = std::move(resource_version);
  version_unusable_ = whole_list_ = false;
  if (phase_ == phase::list) // the end of a stream has said so itself
    context_.books().list_is_whole();
  backoff_.healthy(now);
  error_text({});
  const auto period = static_cast<double>(options_.timings.relist.count());
  listed_at_ = fresh_.last_list = fresh_.last_event = now;
  list_due_ = now + milliseconds{static_cast<int64_t>(period * (1 + io_.random() / 5))};
  push_changes(std::move(gathered_), 0, gathered_.size());
  gathered_.clear();
  push({chunk::what::list_end, resource_, {}});
}

void reflector::end_of_watch() {
  const auto now = io_.now();
  if (phase_ == phase::streaming_list) {
    streaming_ = false; // a server, or a proxy before it, that does not know the bookmark
    return failed(phase::list, cannot() + ": the stream ended before the list was whole");
  }
  auto& t = options_.timings;
  if (watch_events_ == 0 && now - watch_since_ < t.short_watch)
    return failed(phase::watch, cannot() + ": the watch was closed at once");
  if (now - watch_since_ >= t.idle) { // all that the audit before it knew of has arrived
    context_.books().watch_ended();
    if (books_differ())
      return;
  }
  if (now >= list_due_)
    return begin_list();
  again(now - std::max(listed_at_, audited_at_) >= t.audit ? checked(phase::watch) : phase::watch);
}

void reflector::on_timer() {
  waiting_ = false;
  again(phase_);
}

} // namespace troupe::kube
