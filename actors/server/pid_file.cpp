// SPDX-License-Identifier: Apache-2.0
#include "actors/server/pid_file.hpp"

#include "net/socket.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

namespace {

std::atomic<pid_file*> only{nullptr};

} // namespace

pid_file::pid_file(std::string path) : path_(std::move(path)) {
  only = this;
}

pid_file::~pid_file() {
  only = nullptr;
  remove();
}

void pid_file::remove_written() noexcept {
  if (pid_file* const one = only)
    one->remove();
}

void pid_file::remove() noexcept {
  if (written_.exchange(false))
    ::unlink(path_.c_str());
}

std::optional<std::string> pid_file::write() {
  if (path_.empty())
    return std::nullopt;
  const auto failed = [&](const char* why) { return "open " + path_ + ": " + why; };
  // Not cut short before it is known to be a file; a pipe without a reader is no reason to wait.
  const net::descriptor file{
    ::open(path_.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644)};
  struct stat status {};
  if (file.get() < 0)
    return failed(errno == ELOOP ? "is a symbolic link" : std::strerror(errno));
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return failed("is no file");
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.get(), 0) != 0 ||
      ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return failed(std::strerror(errno));
  written_ = true;
  return std::nullopt;
}

} // namespace troupe
