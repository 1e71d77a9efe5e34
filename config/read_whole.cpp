// SPDX-License-Identifier: Apache-2.0
#include "config/read_whole.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

namespace troupe::config {

namespace {

/// The system's text with a small letter in front, as Go has it and scripts look for it.
std::string go_text(int error) {
  std::string text = std::strerror(error);
  text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

/// Closes a file with its owner.
class open_file {
public:
  explicit open_file(const std::string& path)
    : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  int get() const { return fd_; }

private:
  const int fd_;
};

/// Whether reading gives something, the end or an error until `end`. A file always does; a pipe that nobody writes to
/// does not.
bool becomes_readable(int fd, std::chrono::steady_clock::time_point end) {
  using namespace std::chrono;
  for (;;) {
    const auto left = ceil<milliseconds>(end - steady_clock::now()).count();
    pollfd p{fd, POLLIN, 0};
    const int ready = left > 0 ? ::poll(&p, 1, static_cast<int>(left)) : 0;
    if (ready >= 0 || errno != EINTR)
      return ready > 0;
  }
}

} // namespace

std::variant<std::string, environment::unreadable> read_whole(const std::string& path) {
  using unreadable = environment::unreadable;
  const auto end = std::chrono::steady_clock::now() + reading_time;
  const open_file in{path};
  struct stat status {};
  if (in.get() < 0 || ::fstat(in.get(), &status) != 0)
    return unreadable{go_text(errno)};
  if (S_ISDIR(status.st_mode))
    return unreadable{"is a directory"};
  std::string text;
  char chunk[64 * 1024];
  for (;;) {
    if (!becomes_readable(in.get(), end))
      return unreadable{"does not end within " + std::to_string(reading_time.count()) + " s"};
    const auto n = ::read(in.get(), chunk, sizeof chunk);
    if (n == 0)
      return text;
    if (n < 0 && errno != EAGAIN && errno != EINTR)
      return unreadable{go_text(errno)};
    text.append(chunk, static_cast<size_t>(std::max<ssize_t>(n, 0)));
    if (text.size() > max_corefile_octets)
      return unreadable{"is larger than " + std::to_string(max_corefile_octets) + " octets"};
  }
}

} // namespace troupe::config
