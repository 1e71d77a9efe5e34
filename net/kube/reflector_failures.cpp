// SPDX-License-Identifier: Apache-2.0
#include "net/kube/check.hpp"
#include "net/kube/reflector.hpp"
#include "net/kube/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

/// What a reflector does when something went wrong.
namespace troupe::kube {

namespace {

using std::chrono::milliseconds;

constexpr size_t max_message = 400;                      ///< of a Status in the log
constexpr auto too_large = "Too large resource version"; ///< the text is the only mark of it

} // namespace

void reflector::failed_exchange(const exchange_error& error) {
  using kind = exchange_error::kind;
  const std::string text = fmt::format("{}: {}", cannot(), error.text);
  const bool streamed = status_ == 200 && phase_ == phase::streaming_list;
  const bool watched = status_ == 200 && phase_ == phase::watch;
  switch (error.cause) {
  case kind::renewed:
    return again(same_phase());
  case kind::closed:
    // The same once more; before a watch a look, but not again and again with a proxy that closes after every answer.
    if (phase_ != phase::watch || io_.now() - audited_at_ < options_.timings.idle)
      return go();
    return again(checked(phase::watch));
  case kind::refused:
    // What comes back may be another server with an older state: list, do not go on as if nothing happened.
    audit_tries_ = 0; // nobody was asked
    error_text(text);
    return again_later(checked(list_phase()), backoff_.next_refused(io_.now(), io_.random()));
  case kind::lost:
    if (!watched)
      break;
    error_text(text); // a watch that breaks is how a server goes away that is soon back
    return again_later(checked(phase::watch), backoff_.next_refused(io_.now(), io_.random()));
  case kind::silent:
    if (watched) { // nobody knows whether nothing happened or nothing arrived: look, without a fuss
      fresh_.saw(stale_sign::silent);
      return again(checked(phase::watch));
    }
    streaming_ = streaming_ && !streamed; // the bookmark never came
    break;
  case kind::deadline:
    if (watched)
      fresh_.saw(stale_sign::overdue);
    streaming_ = streaming_ && !streamed;
    break;
  case kind::dead:
    if (watched)
      fresh_.saw(stale_sign::dead);
    break;
  default:
    break;
  }
  failed(checked(same_phase()), text);
}

void reflector::failed_status() {
  if ((status_ == 406 || status_ == 415) && std::exchange(protobuf_, false))
    return again(same_phase());
  // No server has to be able to say it. 403 is what one says that has just started: it does not know its roles yet, and
  // a watch from a version that it has not come to would be silent.
  if (phase_ == phase::audit && status_ != 401 && status_ != 403 && status_ != 429 && status_ < 500)
    return again(after_audit_);
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
  if (status_ == 401 && io_.renew_token())
    return again(same_phase());
  if (status_ == 403)
    return failed(same_phase(), text + missing_rule());
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

/// What is known here is not what the server has: it is listed from etcd. The old data stays in use until then.
void reflector::stale(stale_sign sign, const std::string& text) {
  drop();
  fresh_.saw(sign);
  version_unusable_ = true;
  // A server that contradicts its own fresh list must not be asked without end.
  if (io_.now() - listed_at_ < options_.timings.backoff_reset)
    return failed(list_phase(), text);
  error_text(text);
  begin_list();
}

/// True, and dealt with, if the server's answer is of an older state than what was seen of it (etcd was restored). What
/// an answer says after that was found once is believed.
bool reflector::goes_back(const std::string& version) {
  if (version_unusable_ || !is_older(version, version_))
    return false;
  stale(stale_sign::version, fmt::format("{}: the server's state went back from version {} to {}; listing again",
                                         cannot(), quote(version_), quote(version)));
  return true;
}

bool reflector::books_differ() {
  const auto difference = context_.books().difference();
  if (difference)
    stale(stale_sign::count, fmt::format("{}: the server has {} objects, {} are known here; listing again", cannot(),
                                         difference->first, difference->second));
  return difference.has_value();
}

/// True, and dealt with, if the answer is of another kind than what was asked for: whoever gave it is not the server,
/// or not in its right mind, and what is known stays as it is. An audit finds nothing then.
bool reflector::is_foreign() {
  if (decoder_->foreign().empty() || phase_ == phase::audit)
    return false;
  fresh_.saw(stale_sign::unreadable);
  const std::string text = fmt::format("{}: the server sent {}", cannot(), decoder_->foreign());
  drop();
  failed(list_phase(), text);
  return true;
}

/// True, and dealt with, if there is more than any cluster has: a list without end would take all memory.
bool reflector::is_too_much(size_t more) {
  if (phase_ == phase::audit)
    return false;
  if (phase_ != phase::watch)
    list_octets_ += more;
  const auto& books = context_.books();
  const uint64_t objects = phase_ == phase::watch ? books.objects() : books.items();
  std::string text;
  if (objects > options_.max_objects)
    text =
      fmt::format("{}: the server tells of more than {} of them; all is left as it is", cannot(), options_.max_objects);
  else if (list_octets_ > options_.max_list_octets)
    text =
      fmt::format("{}: the list is longer than {} octets; all is left as it is", cannot(), options_.max_list_octets);
  else
    return false;
  drop();
  failed(list_phase(), text);
  return true;
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

/// Logs what is new, and what lasts again from time to time: whoever looks at the end of the log finds the cause.
void reflector::error_text(const std::string& text) {
  const auto now = io_.now();
  if (text == last_error_) {
    if (text.empty() || now - error_said_ < options_.timings.remind)
      return;
    error_said_ = now;
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(now - error_since_).count();
    return io_.log(severity::warning, fmt::format("{} (for {} min already)", text, minutes));
  }
  if (text.empty())
    io_.log(severity::info, fmt::format("{} are read again", plural(resource_)));
  else
    io_.log(severity::warning, text);
  last_error_ = text;
  error_since_ = error_said_ = now;
}

std::string reflector::cannot() const {
  return fmt::format("cannot {} {}", phase_ == phase::list || phase_ == phase::audit ? "list" : "watch",
                     plural(resource_));
}

} // namespace troupe::kube
