// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/numbered.hpp"
#include "actors/runtime/watched_files.hpp"
#include "config/directives/file.hpp"
#include "net/zone/published.hpp"

#include <vector>

namespace troupe {

/// The table of one zone and the master file that it comes from, looked at again as `reload` says: another serial makes
/// a new table, with `reload_by_mtime` any change does. A file that is broken or away leaves the table as it is, and
/// the log says so in CoreDNS's words. Thread: any.
class zone_source final : public watched_file, public numbered {
public:
  /// Begins with the table that was read with the Corefile; its file is looked at again only at the next look.
  explicit zone_source(const config::file_options::zone& zone);

  /// Two uses of a file have one source in common if these are equal.
  static std::string identity(const config::file_options::zone& zone);

  void look() override;
  /// A newer Corefile has read the file too.
  void offer(const master::zone_table_ptr& table);

  const dns::name& apex() const noexcept { return apex_; } ///< lower-case
  const std::string& path() const noexcept { return path_; }
  std::optional<uint32_t> serial() const override; ///< nothing as long as there is no table
  /// What there is now; null as long as the file could not be opened.
  const zone::published<master::zone_table>& table() const noexcept { return table_; }

private:
  struct seen {
    std::string path;
    std::optional<file_state> state;
  };

  bool is_another() const;
  void put(const master::zone_table_ptr& table); ///< under lock

  const std::string path_;
  const dns::name apex_;
  const bool by_mtime_;
  std::mutex mutex_; ///< writers come from two threads: look() and whoever makes plans
  bool looked_ = false;
  std::vector<seen> seen_; ///< the file and those that it includes, at the last reading
  zone::published<master::zone_table> table_;
};

} // namespace troupe
