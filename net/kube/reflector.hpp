// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/api_options.hpp"
#include "net/kube/backoff.hpp"
#include "net/kube/decode.hpp"
#include "net/kube/freshness.hpp"
#include "net/kube/objects.hpp"
#include "net/kube/severity.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::kube {

/// Why an exchange ended before the end of its response.
struct exchange_error {
  enum class kind : uint8_t {
    refused,   ///< nobody there: connection refused, unreachable, no such name
    handshake, ///< TLS: certificate, version
    silent,    ///< no octet for too long
    dead,      ///< the kernel gave up on the peer: keepalives or octets without an answer
    deadline,  ///< open for longer than asked for
    lost,      ///< reset, cut, not HTTP
    closed,    ///< a connection kept from the request before had been closed meanwhile
    renewed    ///< closed by us because certificates changed
  } cause = kind::lost;
  std::string text;
};

/// What a reflector needs from outside, so that it can be driven by hand. Calls come back through the reflector's on_…
/// functions, never from within a call to this interface.
class reflector_io {
public:
  struct request {
    std::string target; ///< path and query
    std::string accept; ///< media types, the wanted one first (RFC 9110 section 12.5.1)
    bool watch = false;
    std::chrono::milliseconds idle{}, deadline{}; ///< limits between octets and in all; deadline 0: none
  };

  virtual ~reflector_io() = default;
  virtual void get(request wanted) = 0;                  ///< ends with on_end; at most one at a time
  virtual void abort() = 0;                              ///< no further call for the request; drops the connection
  virtual void resume() = 0;                             ///< on_body had returned false: read on
  virtual void wait(std::chrono::milliseconds time) = 0; ///< on_timer after that; at most one at a time
  virtual bool renew_token() = 0;                        ///< after a 401; true if there is a new one
  virtual void emit(chunk&& part) = 0;
  virtual void synced() = 0;
  virtual void log(severity level, const std::string& text) = 0;
  virtual std::chrono::steady_clock::time_point now() = 0;
  virtual double random() = 0; ///< [0, 1)
};

/// Lists and watches one resource: the rules of reference/reliability.md part 3 without sockets and clocks. One thread.
///
/// Between two watches, and before going on after a connection broke, it audits: a list of one object says the version
/// and the number of objects that etcd has now. An older version than was seen means that the state went back; another
/// number, compared when the watch has come to that version, that something was lost. Both lead to a list from etcd.
class reflector {
public:
  reflector(resource resource, const api_options& options, reflector_io& io);

  void start();
  void grant(size_t chunks);
  void relist(); ///< as soon as possible, from scratch

  /// `content_type` as the server says it (RFC 9110 section 8.3); all but protobuf is taken for JSON.
  void on_head(int status, std::chrono::milliseconds retry_after, std::string_view content_type = {});
  bool on_body(std::string_view piece); ///< false: pause until resume()
  void on_end(const exchange_error* error);
  void on_timer();

  bool synced() const { return synced_; }
  bool connected() const { return in_flight_ && status_ == 200; }
  const std::string& last_error() const { return last_error_; }
  uint64_t skipped() const { return context_.skipped(); }
  uint64_t relists() const { return relists_; }
  uint64_t watches() const { return watches_; }
  uint64_t audits() const { return audits_; }
  uint64_t objects() const { return context_.books().objects(); }
  const freshness& fresh() const { return fresh_; }
  void remember(const freshness& earlier) { fresh_ = earlier; } ///< of a predecessor
  size_t credit() const { return credit_; }

private:
  enum class phase : uint8_t { list, streaming_list, audit, watch };

  void begin_list();
  void begin_audit();
  void begin_watch();
  void go(); ///< starts what phase_ says once everything emitted is on its way
  void again(phase next);
  void again_later(phase next, std::chrono::milliseconds wait);
  void failed(phase next, const std::string& text);
  void drop(); ///< the running exchange
  void failed_exchange(const exchange_error& error);
  void failed_status();
  void failed_event(const api_failure& failure);
  void gone(const std::string& text);
  void stale(stale_sign sign, const std::string& text);
  bool goes_back(const std::string& version);
  void list_is_whole(std::string resource_version);
  void end_of_page();
  void end_of_audit();
  void end_of_watch();
  bool take(decoded&& got);
  bool is_good(const decoded& got);
  bool is_foreign();
  bool is_too_much(size_t more);
  bool books_differ();
  void gather(std::vector<change>&& changes, size_t end);
  void push_changes(std::vector<change>&& changes, size_t begin, size_t end);
  void push(chunk&& part);
  void flush();
  void error_text(const std::string& text);
  phase list_phase() const { return streaming_ ? phase::streaming_list : phase::list; }
  phase same_phase() const { return phase_ == phase::streaming_list ? list_phase() : phase_; }
  phase checked(phase next);
  std::string target() const;
  std::string cannot() const;       ///< "cannot list services"
  std::string missing_rule() const; ///< of the ClusterRole

  resource resource_;
  api_options options_;
  reflector_io& io_;
  decode_context context_;
  backoff backoff_;

  phase phase_ = phase::list;
  phase after_audit_ = phase::watch;
  int audit_tries_ = 0; ///< in a row without an answer
  std::unique_ptr<decoder> decoder_;
  int status_ = 0;           ///< of the running exchange; 0: no head yet
  bool in_protobuf_ = false; ///< the response is
  std::chrono::milliseconds retry_after_{0};
  std::string error_body_;
  std::chrono::steady_clock::time_point watch_since_{}, listed_at_{}, list_due_{}, audited_at_{};
  uint64_t watch_events_ = 0;

  std::string version_;           ///< newest resourceVersion that was emitted; empty: none
  bool version_unusable_ = false; ///< the server does not know it: list the newest state
  std::string continue_;          ///< continue token of the running list
  uint64_t list_octets_ = 0;      ///< of the running list so far
  bool whole_list_ = false;       ///< a continue token expired: no pages
  bool streaming_;
  bool protobuf_; ///< asked for; false for good once something in it could not be read

  std::vector<change> gathered_; ///< of the running list, fewer than a chunk
  std::deque<chunk> pending_;
  size_t credit_ = 0;
  bool in_flight_ = false, paused_ = false, blocked_ = false, waiting_ = false;
  bool synced_ = false;
  std::string last_error_;
  std::chrono::steady_clock::time_point error_since_{}, error_said_{}; ///< first and last time in the log
  uint64_t relists_ = 0, watches_ = 0, audits_ = 0;
  freshness fresh_;
};

/// "services", "endpointslices", "namespaces", "pods", "serviceimports".
const char* plural(resource resource);

} // namespace troupe::kube
