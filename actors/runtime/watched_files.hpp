// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/environment.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace troupe {

/// A file that stages answer from, and what was made of it. Shared by all loops; what they see of it is published.
class watched_file {
public:
  /// `interval`: between two looks; 0: there is only the first.
  explicit watched_file(std::chrono::nanoseconds interval) : interval_(interval) {}
  virtual ~watched_file() = default;

  /// Reads it if it is another than at the last look, and publishes what it says; what cannot be read leaves what is
  /// known as it is, and the log says so. May block. Thread: one at a time.
  virtual void look() = 0;

  std::chrono::nanoseconds interval() const noexcept { return interval_; }

private:
  const std::chrono::nanoseconds interval_;
};

/// By what a file is known to be another.
struct file_state {
  int64_t changed_ns = 0; ///< since 1970
  uint64_t octets = 0, inode = 0, device = 0;

  bool operator==(const file_state&) const = default;
  /// Nothing: it cannot be looked at.
  static std::optional<file_state> read(const std::string& path);
};

/// The content of a file, each time that it has changed. Thread: one at a time; may block.
class changing_text {
public:
  explicit changing_text(std::string path) : path_(std::move(path)) {}

  const std::string& path() const noexcept { return path_; }
  int64_t changed_ns() const noexcept { return last_ ? last_->changed_ns : 0; } ///< of what was read last
  /// Nothing: it is as at the last reading, away, or as unreadable as it was then. One that cannot be read is tried
  /// again each time: rights change without a trace in the file's state.
  std::optional<std::variant<std::string, config::environment::unreadable>> read();

private:
  const std::string path_;
  std::optional<file_state> last_;
  std::string failure_; ///< why it could not be read, the last time
};

/// The watched files of all plans in use. One lives as long as somebody holds it. Thread: any.
class watched_files {
public:
  using clock = std::chrono::steady_clock;

  /// The one of that identity, a File; made with `arguments` and looked at once if nobody has it. May block.
  template <class File, class... Arguments>
  std::shared_ptr<File> get(const std::string& identity, Arguments&&... arguments) {
    if (auto known = living<File>(identity))
      return known;
    auto made = std::make_shared<File>(std::forward<Arguments>(arguments)...);
    made->look();
    enter(identity, made);
    return made;
  }

  /// When the next look is due; nothing: no file is looked at again.
  std::optional<clock::time_point> next_look() const;
  /// The one of that identity, a File; null: nobody has it.
  template <class File>
  std::shared_ptr<File> living(const std::string& identity) const {
    return std::static_pointer_cast<File>(find(identity));
  }
  /// Looks at those that are due. True: there were some. May block. Thread: one at a time.
  bool look(clock::time_point now);

private:
  struct entry {
    std::weak_ptr<watched_file> file;
    clock::time_point due;
  };

  std::shared_ptr<watched_file> find(const std::string& identity) const;
  void enter(const std::string& identity, const std::shared_ptr<watched_file>& file);

  mutable std::mutex mutex_;
  std::map<std::string, entry> files_;
};

} // namespace troupe
