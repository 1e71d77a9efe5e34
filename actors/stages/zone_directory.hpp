// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/zone_set.hpp"
#include "config/directives/auto.hpp"

namespace troupe {

/// The zones of an `auto`: those of the files of its directory, which is walked again as `reload` says. New files are
/// read, zones whose files are gone go with them; what is known is looked at again by itself (zone_source). The log
/// says it in CoreDNS's words. Thread: any.
class zone_directory final : public watched_file {
public:
  /// Begins with the zones that the Corefile's walk has found. `files` outlives it.
  zone_directory(const config::auto_options& options, watched_files* files);

  /// Two uses have one directory in common if these are equal.
  static std::string identity(const config::auto_options& options);

  void look() override;
  /// A newer Corefile's walk has found these.
  void offer(const std::vector<config::file_options::zone>& found);

  const zone::published<zone_set>& zones() const noexcept { return zones_; }

private:
  using zone_list = std::vector<config::file_options::zone>;

  void put(const zone_list& found); ///< under lock
  /// Null: its file cannot be read.
  std::shared_ptr<zone_source> take_up(const config::file_options::zone& found,
                                       const std::shared_ptr<zone_source>& known) const;

  const config::auto_options options_;
  watched_files* const files_;
  std::mutex mutex_; ///< writers come from two threads: look() and whoever makes plans
  bool looked_ = false;
  zone::published<zone_set> zones_;
};

} // namespace troupe
