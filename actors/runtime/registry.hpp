// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// Who an actor is. The name says where in the tree it stands (`zone/beta/0`) and survives restarts.
struct actor_identity {
  std::string name, kind, parent;
  std::optional<size_t> loop; ///< nothing: floating
};

/// What one actor counts; the same object before and after a restart. Written by the actor and its senders, read
/// anywhere.
struct actor_stats {
  explicit actor_stats(actor_identity who) : identity(std::move(who)) {}

  const actor_identity identity;
  std::atomic<uint64_t> messages{0};      ///< handled
  std::atomic<uint64_t> queries{0};       ///< slots this actor answered
  std::atomic<uint64_t> processing_ns{0}; ///< time in handlers
  std::atomic<uint64_t> mailbox{0}, mailbox_peak{0};
  std::atomic<uint64_t> restarts{0};
  enum class life : uint8_t { starting, running, backing_off, fenced, stopped };
  std::atomic<life> state{life::starting};
  /// What the last life left is not to be begun with: lives that did ended at once. Written by the supervisor.
  std::atomic<bool> distrusted{false};

  void failed(std::string why);
  std::optional<std::string> last_failure() const;

  void enqueued() noexcept;
  void handled() noexcept;

private:
  mutable std::mutex mutex_;
  std::optional<std::string> last_failure_;
};

using actor_stats_ptr = std::shared_ptr<actor_stats>;

/// All actors of the process by name. Thread: any.
class registry {
public:
  /// The stats of that name; made, with this identity, when it is new.
  actor_stats_ptr enter(const actor_identity& who);
  void leave(const std::string& name);
  std::vector<actor_stats_ptr> all() const; ///< by name

private:
  mutable std::mutex mutex_;
  std::map<std::string, actor_stats_ptr> actors_;
};

const char* to_text(actor_stats::life state) noexcept;

} // namespace troupe
