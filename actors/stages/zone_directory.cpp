// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/zone_directory.hpp"

#include "actors/runtime/log.hpp"
#include "config/directives/zone_files.hpp"
#include "config/duration.hpp"
#include "config/read_whole.hpp"

#include <algorithm>

namespace troupe {

namespace {

std::shared_ptr<zone_source> find_source(const zone_set& in, const dns::name& apex) {
  const auto found = std::ranges::find(in.sources, apex, [](const auto& each) { return each->apex(); });
  return found == in.sources.end() ? nullptr : *found;
}

config::auto_options without_zones(config::auto_options options) {
  options.zones.clear(); // their tables are not to live as long as the directory
  return options;
}

} // namespace

zone_directory::zone_directory(const config::auto_options& options, watched_files* files)
  : watched_file(options.reload), options_(without_zones(options)), files_(files),
    zones_(std::make_shared<zone_set>(std::vector<std::shared_ptr<zone_source>>{})) {
  put(options.zones);
}

std::string zone_directory::identity(const config::auto_options& options) {
  return "directory " + config::duration_text(options.reload) + ' ' + options.directory + ' ' + options.expression +
         ' ' + options.origin;
}

std::shared_ptr<zone_source> zone_directory::take_up(const config::file_options::zone& found,
                                                     const std::shared_ptr<zone_source>& known) const {
  if (found.table)
    return source_of(found, files_);
  if (known && known->path() == found.path)
    return known;
  config::environment files;
  files.read = config::read_whole;
  auto read = found;
  if (const auto problem = config::read_found_zone(files, read)) {
    log::warning("{}", *problem);
    return known; // what was another file's is better than nothing
  }
  return source_of(read, files_);
}

void zone_directory::put(const zone_list& found) {
  const auto before = zones_.snapshot();
  std::vector<std::shared_ptr<zone_source>> now;
  for (const auto& each : found) {
    const auto known = find_source(*before, each.apex);
    auto source = take_up(each, known);
    if (!source)
      continue;
    if (!known)
      log::info("plugin/auto: Inserting zone `{}' from: {}", each.apex.to_text(), each.path);
    now.push_back(std::move(source));
  }
  if (now == before->sources)
    return;
  auto next = std::make_shared<zone_set>(std::move(now));
  for (const auto& each : before->sources)
    if (!find_source(*next, each->apex()))
      log::info("plugin/auto: Deleting zone `{}'", each->apex().to_text());
  zones_.publish(std::move(next));
}

void zone_directory::offer(const zone_list& found) {
  const std::lock_guard guard{mutex_};
  put(found);
}

void zone_directory::look() {
  const std::lock_guard guard{mutex_};
  if (!std::exchange(looked_, true))
    return; // the first walk was the Corefile's
  std::vector<std::string> warnings;
  const auto found = config::list_zone_files(options_, warnings);
  for (const auto& each : warnings)
    log::warning("{}", each);
  put(found);
}

} // namespace troupe
