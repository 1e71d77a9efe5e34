// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <optional>
#include <string>

namespace troupe {

/// The file of `-pidfile`: holds the process's number while this lives, as in CoreDNS.
class pid_file {
public:
  /// Empty: no file.
  explicit pid_file(std::string path);
  pid_file(const pid_file&) = delete;
  pid_file& operator=(const pid_file&) = delete;
  ~pid_file();

  /// Removes what the process's one has written, if there is one: for ends that nobody is destroyed at. Any thread.
  static void remove_written() noexcept;

  /// Writes it, mode 0644 less the umask; why that failed, if it did. Follows no symbolic link and writes to nothing
  /// but a file: in a folder that others may write to, a link would have us overwrite what it names.
  std::optional<std::string> write();

private:
  void remove() noexcept;

  const std::string path_;
  std::atomic<bool> written_{false};
};

} // namespace troupe
