// SPDX-License-Identifier: Apache-2.0
#include "actors/last_words.hpp"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace troupe::log {

namespace {

constexpr size_t queued_lines = 1024; // of 416 octets each, all there from the start

/// A thread of its own writes, so that a blocked pipe never stops a loop (fault X6); the oldest lines make room.
struct writer {
  writer() {
    pool = std::make_shared<spdlog::details::thread_pool>(queued_lines, 1);
    logger = std::make_shared<spdlog::async_logger>("troupe", std::make_shared<spdlog::sinks::stdout_sink_mt>(), pool,
                                                    spdlog::async_overflow_policy::overrun_oldest);
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::info);
  }

  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

/// Null while no thread is to be had for it; asked again, it tries again.
writer* find_writer() noexcept {
  try {
    static writer instance;
    return &instance;
  } catch (const std::exception&) {
    return nullptr;
  }
}

constexpr std::string_view prefix(level of) {
  switch (of) {
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

} // namespace

void write(level of, std::string_view text) {
  if (auto* to = find_writer())
    to->logger->log(spdlog::level::info, "{}{}", prefix(of), text);
  else
    write_at_once(of, text);
}

void write_at_once(level of, std::string_view text) {
  std::printf("%s%.*s\n", prefix(of).data(), static_cast<int>(text.size()), text.data());
  std::fflush(stdout);
}

void fatal(std::string_view text) {
  write_at_once(level::fatal, text);
  std::_Exit(1);
}

unsigned long long lost() noexcept {
  const auto* of = find_writer();
  return of ? of->pool->overrun_counter() : 0;
}

} // namespace troupe::log
