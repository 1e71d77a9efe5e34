// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/auto.hpp"
#include "config/environment.hpp"

namespace troupe::config {

/// The files below `options.directory` whose names fit, as zones without tables, in the order in which CoreDNS finds
/// them; symbolic links to folders are not followed, but the directory itself may be one. A file that stands for a zone
/// that was found before is left out, with a warning in CoreDNS's words.
std::vector<file_options::zone> list_zone_files(const auto_options& options, std::vector<std::string>& warnings);

/// Reads its table; else what is wrong, in CoreDNS's words.
std::optional<std::string> read_found_zone(const environment& env, file_options::zone& found);

/// All with their tables; what cannot be read is left out, with a warning.
std::vector<file_options::zone> find_zone_files(const environment& env, const auto_options& options,
                                                std::vector<std::string>& warnings);

} // namespace troupe::config
