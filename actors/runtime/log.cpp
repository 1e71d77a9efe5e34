// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/log_lines.hpp"
#include "actors/runtime/log_unbuffered.hpp"
#include "actors/runtime/named_thread.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <new>
#include <unistd.h>

namespace troupe::log {

namespace {

/// 8 MiB, taken as they are needed: seconds of 10,000 lines each while a disk is busy.
constexpr size_t most_pieces = 128;
/// How long the end of the process waits for who reads the lines.
constexpr std::chrono::seconds last_wait{1};

/// A thread of its own writes, so that a blocked pipe never stops a loop (fault X6). It may be blocked at the end of
/// the process too, so it is never joined and this is never destroyed.
class writer {
public:
  writer() {
    named_thread("log", [this] { run(); }).detach();
  }

  void write(std::string_view front, std::string_view text) {
    std::lock_guard lock{mutex_};
    try {
      lines_.add(front, text);
    } catch (const std::bad_alloc&) {
      lines_.lose(1);
    }
    if (idle_)
      wake_.notify_one();
  }

  /// Returns when all is written, or after a while.
  void finish() {
    std::unique_lock lock{mutex_};
    done_.wait_for(lock, last_wait, [this] { return idle_ && lines_.empty(); });
  }

  unsigned long long lost() {
    std::lock_guard lock{mutex_};
    return lines_.lost();
  }

private:
  void run() {
    std::string piece;
    for (std::unique_lock lock{mutex_};;) {
      idle_ = true;
      if (lines_.empty())
        done_.notify_all();
      wake_.wait(lock, [this] { return !lines_.empty(); });
      idle_ = false;
      lines_.take(piece);
      lock.unlock();
      const size_t lost = write_lines(STDOUT_FILENO, piece);
      lock.lock();
      lines_.written(lost);
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  log_lines lines_{most_pieces};
  bool idle_ = false; ///< waits for lines
};

/// Null while no thread is to be had for it; asked again, it tries again.
writer* find_writer() noexcept {
  try {
    static writer* const instance = new writer;
    return instance;
  } catch (const std::exception&) {
    return nullptr;
  }
}

constexpr std::string_view prefix(level severity) {
  switch (severity) {
  case level::debug:
    return "[DEBUG] ";
  case level::info:
    return "[INFO] ";
  case level::warning:
    return "[WARNING] ";
  case level::error:
    return "[ERROR] ";
  case level::fatal:
    return "[FATAL] ";
  }
  return "";
}

std::string line(level severity, std::string_view text) {
  return std::string{prefix(severity)}.append(text).append("\n");
}

std::atomic<bool> debug_shown{false};

} // namespace

void show_debug(bool shown) noexcept {
  debug_shown = shown;
}

void write(level severity, std::string_view text) {
  if (severity == level::debug && !debug_shown)
    return;
  if (auto* to = find_writer())
    to->write(prefix(severity), text);
  else
    write_lines(STDOUT_FILENO, line(severity, text));
}

void write_at_once(level severity, std::string_view text) {
  finish();
  write_lines(STDOUT_FILENO, line(severity, text));
}

void finish() {
  if (auto* writer = find_writer())
    writer->finish();
}

void fatal(std::string_view text) {
  write_at_once(level::fatal, text);
  std::_Exit(1);
}

unsigned long long lost() noexcept {
  auto* writer = find_writer();
  return writer ? writer->lost() : 0;
}

} // namespace troupe::log
