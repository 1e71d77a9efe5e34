// SPDX-License-Identifier: Apache-2.0
#include "actors/server/reload_desk.hpp"

#include "actors/runtime/failure_text.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/named_thread.hpp"
#include "actors/server/server.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// How soon to look again whether the last batch of an old plan is home.
constexpr std::chrono::milliseconds collect_every{5};

void say_running(const corefile_reading& read) {
  if (read.plan->reload)
    log::info("plugin/reload: Running configuration SHA512 = {}", read.digest);
}

} // namespace

reload_desk::reload_desk(server& running, corefile_reader reader, const corefile_reading& first)
  : running_(running), reader_(std::move(reader)), tried_(first.digest) {
  say_running(first);
  thread_ = named_thread("reload", [this] { run(); });
}

void reload_desk::ask(wish request) {
  {
    std::lock_guard lock{mutex_};
    wish_ = std::max(wish_, request);
  }
  wake_.notify_one();
}

std::optional<config::reload_options> reload_desk::options() const {
  return running_.plan()->reload;
}

void reload_desk::end() {
  {
    std::lock_guard lock{mutex_};
    ending_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

/// Waits for a wish, which is taken; `none` when it is time to collect. False: the end.
bool reload_desk::next(wish& request) {
  std::unique_lock lock{mutex_};
  const auto wanted = [this] { return ending_ || wish_ != wish::none; };
  auto look = running_.next_look();
  if (running_.has_manifests())
    look = std::min(next_look_, look.value_or(next_look_));
  if (!all_stopped_)
    wake_.wait_for(lock, collect_every, wanted);
  else if (look)
    wake_.wait_until(lock, *look, wanted);
  else
    wake_.wait(lock, wanted);
  request = std::exchange(wish_, wish::none);
  return !ending_;
}

/// Nothing that a look meets may end the process: what is missing now may be there at the next.
void reload_desk::run() {
  for (wish request; next(request);)
    try {
      if (request != wish::none)
        look_at_corefile(request == wish::reload);
      else if (running_.has_manifests() && std::chrono::steady_clock::now() >= next_look_)
        follow_manifests();
      running_.follow_files();
      all_stopped_ = running_.collect();
    } catch (const std::exception& e) {
      log::error("plugin/reload: what runs stays as it is: {}", failure_text(e));
      all_stopped_ = false;
    }
}

void reload_desk::look_at_corefile(bool changed_or_not) {
  const corefile_reading read = reader_.read(changed_or_not ? std::string{} : tried_);
  const std::string& reading_or_error = read.digest.empty() ? read.error : read.digest;
  const bool changed = std::exchange(tried_, reading_or_error) != reading_or_error;
  if (changed_or_not)
    log::info("SIGUSR1: Reloading");
  else if (!changed)
    return look_at_sources();
  auto& counts = running_.counts();
  if (read.digest.empty() && !changed_or_not) {
    counts.reload_failed();
    log::warning("plugin/reload: Corefile parse failed: {}", read.error);
    return;
  }
  log::info("Reloading");
  const auto failed = read.plan ? load(read) : std::optional{read.error};
  if (failed) {
    counts.reload_failed();
    log::error("Restart failed: {}", *failed);
    log::error("{}: starting with listener file descriptors: {}",
               changed_or_not ? "SIGUSR1" : "plugin/reload: Corefile changed but reload failed", *failed);
    return;
  }
  tell(running_.shared().where.find<reloader_actor>("reload"), altered_options_atom::value);
  say_running(read);
  log::info("Reloading complete");
}

/// At least a second apart, and so that looking costs no more than a fiftieth of a core.
void reload_desk::follow_manifests() {
  const auto began = std::chrono::steady_clock::now();
  look_at_sources();
  const auto end = std::chrono::steady_clock::now();
  next_look_ = end + std::max<std::chrono::nanoseconds>(std::chrono::seconds{1}, 50 * (end - began));
}

/// The Corefile is as it was; files that it names may not be.
void reload_desk::look_at_sources() {
  if (const auto failed = running_.follow_sources()) {
    running_.counts().reload_failed();
    log::error("{}; what is known stays as it is", *failed);
  }
}

std::optional<std::string> reload_desk::load(const corefile_reading& read) {
  running_.counts().configuration(read.digest);
  for (auto& warning : read.plan->warnings)
    log::warning("{}", warning);
  try {
    return running_.reload(read.plan, [this] {
      std::lock_guard lock{mutex_};
      return ending_;
    });
  } catch (const std::exception& e) {
    return failure_text(e);
  }
}

} // namespace troupe
