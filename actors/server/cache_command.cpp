// SPDX-License-Identifier: Apache-2.0
#include "actors/server/cache_command.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace troupe {

namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  std::string line;
  std::getline(std::ifstream{file}, line);
  return line;
}

bool holds_back(const fs::path& thread) {
  std::ifstream status{thread / "status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("SigBlk:"))
      return std::strtoull(line.c_str() + 7, nullptr, 16) >> (SIGUSR2 - 1) & 1;
  return false;
}

/// It takes signals: who does not, or not yet, would end from this one. A server's first thread waits for them, which
/// shows as if it let them pass; the others hold them back.
bool takes_signals(const fs::path& process) {
  std::error_code gone;
  const fs::directory_iterator threads{process / "task", gone};
  return std::any_of(begin(threads), end(threads), [](auto& each) { return holds_back(each.path()); });
}

/// By name, since other ways to tell are closed to who may not trace them.
std::vector<pid_t> running_servers() {
  std::vector<pid_t> found;
  const std::string name = first_line("/proc/self/comm");
  std::error_code gone;
  for (const auto& each : fs::directory_iterator{"/proc", gone}) {
    const pid_t pid = std::atoi(each.path().filename().c_str());
    if (pid > 0 && pid != ::getpid() && first_line(each.path() / "comm") == name && takes_signals(each.path()))
      found.push_back(pid);
  }
  return found;
}

} // namespace

std::optional<int> run_cache_command(int count, char** arguments) {
  if (count < 2 || std::string_view{arguments[1]} != "cache")
    return std::nullopt;
  if (count != 3 || std::string_view{arguments[2]} != "flush") {
    std::cerr << "usage: troupe cache flush\n";
    return 2;
  }
  size_t told = 0;
  for (const pid_t pid : running_servers())
    if (::kill(pid, SIGUSR2) == 0) {
      std::cout << "process " << pid << " empties its caches\n";
      ++told;
    }
  if (told == 0)
    std::cerr << "there is no running server that may be told\n";
  return told == 0;
}

} // namespace troupe
