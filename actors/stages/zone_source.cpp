// SPDX-License-Identifier: Apache-2.0
#include "actors/stages/zone_source.hpp"

#include "actors/runtime/log.hpp"
#include "config/directives/zone_file.hpp"
#include "config/dispenser.hpp"
#include "config/duration.hpp"
#include "config/read_whole.hpp"

#include <algorithm>

namespace troupe {

zone_source::zone_source(const config::file_options::zone& zone)
  : watched_file(zone.reload), path_(zone.path), apex_(zone.apex), by_mtime_(zone.by_mtime) {
  if (zone.table)
    table_.publish(zone.table);
}

std::string zone_source::identity(const config::file_options::zone& zone) {
  return "zone " + zone.apex.to_text() + ' ' + config::duration_text(zone.reload) + (zone.by_mtime ? " mtime " : " ") +
         zone.path;
}

bool zone_source::is_another() const {
  return seen_.empty() ||
         !std::ranges::all_of(seen_, [](const seen& each) { return file_state::read(each.path) == each.state; });
}

void zone_source::put(const master::zone_table_ptr& table) {
  const auto known = table_.snapshot();
  if (known && !by_mtime_ && known->serial() == table->serial())
    return; // as in CoreDNS the same serial means the same zone
  table_.publish(table);
  if (known)
    log::info("plugin/file: Successfully reloaded zone {} in {} with {} SOA serial", config::quote(apex_.to_text()),
              config::quote(path_), table->serial());
}

std::optional<uint32_t> zone_source::serial() const {
  const auto table = table_.snapshot();
  return table ? std::optional{table->serial()} : std::nullopt;
}

void zone_source::offer(const master::zone_table_ptr& table) {
  const std::lock_guard guard{mutex_};
  if (table && table != table_.snapshot())
    put(table);
}

void zone_source::look() {
  const std::lock_guard guard{mutex_};
  if (!std::exchange(looked_, true) || !is_another())
    return;                                         // the first look was the Corefile's
  seen_.assign({{path_, file_state::read(path_)}}); // before it is read: what changes meanwhile is seen next time
  config::environment files;
  files.read = [this](const std::string& path) {
    if (path != path_)
      seen_.push_back({path, file_state::read(path)});
    return config::read_whole(path);
  };
  const std::string zone = config::quote(apex_.to_text());
  const auto content = config::read_zone_file(files, path_);
  if (const auto* bad = std::get_if<1>(&content)) {
    log::error("plugin/file: Failed to open zone {} in {}: {}", zone, config::quote(path_), *bad);
    seen_.clear(); // say so every time, as CoreDNS does
    return;
  }
  const auto loaded = config::load_zone(files, std::get<0>(content), path_, apex_);
  if (const auto* words = std::get_if<std::string>(&loaded))
    log::error("plugin/file: Parsing zone {}: {}", zone, *words);
  else
    put(std::get<master::zone_table_ptr>(loaded));
}

} // namespace troupe
