// SPDX-License-Identifier: Apache-2.0
#include "actors/http/page_connection.hpp"

#include "actors/http/http_server.hpp"
#include "actors/http/request_answers.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

namespace troupe {

namespace {

/// How long a client may take to close once it has its answer, and how many octets it may send meanwhile.
constexpr std::chrono::milliseconds ending_time{1'000};
constexpr size_t most_discarded = 64 * 1024;

/// Where the header ends for Poco, too: behind an empty line, with or without carriage returns; 0 if it does not yet.
/// `seen` is moved to where to look from next time.
size_t end_of_header(std::string_view text, size_t& seen) {
  for (auto at = text.find('\n', seen); at != text.npos; at = text.find('\n', at + 1)) {
    seen = at;
    size_t next = at + 1;
    if (next < text.size() && text[next] == '\r')
      ++next;
    if (next >= text.size())
      return 0;
    if (text[next] == '\n')
      return next + 1;
  }
  seen = std::max(seen, text.size());
  return 0;
}

bool would_wait() {
  return errno == EAGAIN || errno == EINTR;
}

} // namespace

page_connection::page_connection(net::descriptor socket, const address& client, net::descriptor_place place,
                                 const http_limits& limits, time_point now)
  : socket_(std::move(socket)), place_(std::move(place)), client_(client), limits_(&limits),
    request_by_(now + limits.request), all_by_(now + limits.connection), end_by_(all_by_) {
  read(now);
}

page_connection::time_point page_connection::deadline() const noexcept {
  switch (stage_) {
  case stage::reading:
    return request_by_;
  case stage::ending:
    return end_by_;
  case stage::over:
    return {};
  default:
    return all_by_;
  }
}

short page_connection::events() const noexcept {
  return is_idle() ? POLLIN : stage_ == stage::writing ? POLLOUT : 0;
}

void page_connection::proceed(short events, time_point now) {
  if (stage_ == stage::reading)
    read(now);
  else if (stage_ == stage::ending)
    discard();
  else if (events & (POLLERR | POLLHUP)) // both directions are gone
    end();
  else if (stage_ == stage::writing)
    write(now);
}

void page_connection::read(time_point now) {
  char buffer[4096];
  while (stage_ == stage::reading) {
    const auto n = ::recv(descriptor(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && would_wait())
      return;
    if (n <= 0)
      return end();
    if (read_.empty() && later_)
      time_request(now);
    read_.append(buffer, static_cast<size_t>(n));
    look_for_request(now);
  }
}

void page_connection::look_for_request(time_point now) {
  if (seen_ == 0) // RFC 9112 section 2.2: empty lines before a request are none
    read_.erase(0, read_.find_first_not_of("\r\n"));
  whole_ = end_of_header(read_, seen_);
  if ((whole_ == 0 ? read_.size() : whole_) > limits_->header)
    return answer(std::string{too_large_answer()}, true, now);
  if (whole_ > 0)
    stage_ = stage::asking;
}

void page_connection::time_request(time_point now) {
  request_by_ = now + limits_->request;
  all_by_ = end_by_ = now + limits_->connection;
}

/// What the client sent behind the request may be the next one already.
void page_connection::begin_next(time_point now) {
  read_.erase(0, whole_);
  whole_ = seen_ = 0;
  later_ = true;
  stage_ = stage::reading;
  request_by_ = all_by_ = end_by_ = now + limits_->idle;
  if (read_.empty())
    return;
  time_request(now);
  look_for_request(now);
}

void page_connection::answer(std::string text, bool last, time_point now) {
  if (text.empty())
    return end();
  last_ = last;
  answer_ = std::move(text);
  stage_ = stage::writing;
  write(now);
}

void page_connection::write(time_point now) {
  while (unsent() > 0) {
    const auto n = ::send(descriptor(), answer_.data() + sent_, unsent(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0)
      return would_wait() ? void() : end();
    sent_ += static_cast<size_t>(n);
  }
  answer_ = {};
  sent_ = 0;
  if (!last_)
    return begin_next(now);
  read_ = {};
  ::shutdown(descriptor(), SHUT_WR);
  stage_ = stage::ending;
  end_by_ = std::min(all_by_, now + ending_time);
}

void page_connection::discard() {
  char buffer[4096];
  while (discarded_ < most_discarded) {
    const auto n = ::recv(descriptor(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && would_wait())
      return;
    if (n <= 0)
      break;
    discarded_ += static_cast<size_t>(n);
  }
  end();
}

} // namespace troupe
