// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/server/corefile_reader.hpp"
#include "actors/server/reloader.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace troupe {

class server;

/// Reloads, one after the other, on a thread of its own; and stops what reloads left behind. Says what CoreDNS says,
/// but counts refused files also after SIGUSR1 and with broken grammar, which it reports once and not at each look.
/// Thread: any.
class reload_desk final : public reload_worker {
public:
  /// `first`: what the server runs by.
  reload_desk(server& running, corefile_reader reader, const corefile_reading& first);
  ~reload_desk() override { end(); }

  void ask(wish request) override;
  std::optional<config::reload_options> options() const override;

  /// No more reloads; one that is under way and waits for a cluster is given up. Returns when the thread has ended.
  void end();

private:
  void run();
  bool next(wish& request);
  void look_at_corefile(bool changed_or_not);
  void look_at_sources();
  void follow_manifests();
  std::optional<std::string> load(const corefile_reading& read);

  server& running_;
  corefile_reader reader_;
  std::string tried_; ///< digest, or error without one, of what was tried last: what is broken is not tried again
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  wish wish_ = wish::none;
  bool ending_ = false;
  bool all_stopped_ = true;                           ///< nothing is left behind
  std::chrono::steady_clock::time_point next_look_{}; ///< at manifests
  std::thread thread_;
};

} // namespace troupe
