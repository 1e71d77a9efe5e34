// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/watched_files.hpp"

#include "config/read_whole.hpp"

#include <sys/stat.h>
#include <utility>
#include <vector>

namespace troupe {

std::optional<file_state> file_state::read(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0)
    return std::nullopt;
  return file_state{int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec,
                    static_cast<uint64_t>(found.st_size), found.st_ino, found.st_dev};
}

std::optional<std::variant<std::string, config::environment::unreadable>> changing_text::read() {
  const auto state = file_state::read(path_);
  if (!state || state == last_)
    return std::nullopt;
  auto text = config::read_whole(path_);
  const auto* const failed = std::get_if<config::environment::unreadable>(&text);
  last_ = failed ? std::nullopt : state;
  const std::string before = std::exchange(failure_, failed ? failed->reason : "");
  if (failed && failed->reason == before)
    return std::nullopt;
  return text;
}

std::optional<watched_files::clock::time_point> watched_files::next_look() const {
  std::lock_guard lock{mutex_};
  std::optional<clock::time_point> next;
  for (const auto& [identity, each] : files_) {
    if (const auto file = each.file.lock(); file && file->interval().count() > 0 && (!next || each.due < *next))
      next = each.due;
  }
  return next;
}

bool watched_files::look(clock::time_point now) {
  std::vector<std::shared_ptr<watched_file>> due;
  {
    std::lock_guard lock{mutex_};
    std::erase_if(files_, [](auto& each) { return each.second.file.expired(); });
    for (auto& [identity, each] : files_) {
      auto file = each.file.lock();
      if (!file || file->interval().count() == 0 || each.due > now)
        continue;
      each.due = now + file->interval();
      due.push_back(std::move(file));
    }
  }
  for (auto& file : due)
    file->look();
  return !due.empty();
}

std::shared_ptr<watched_file> watched_files::find(const std::string& identity) const {
  std::lock_guard lock{mutex_};
  const auto found = files_.find(identity);
  return found == files_.end() ? nullptr : found->second.file.lock();
}

void watched_files::enter(const std::string& identity, const std::shared_ptr<watched_file>& file) {
  std::lock_guard lock{mutex_};
  files_.insert_or_assign(identity, entry{file, clock::now() + file->interval()});
}

} // namespace troupe
