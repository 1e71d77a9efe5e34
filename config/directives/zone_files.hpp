// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/auto.hpp"
#include "config/environment.hpp"

namespace troupe::config {

/// The zones of the files below `options.directory` whose names fit, in the order in which CoreDNS finds them; symbolic
/// links to folders are not followed, but the directory itself may be one. What cannot be read, or stands for a zone
/// that was found before, is left out, with a warning in CoreDNS's words.
std::vector<file_options::zone> find_zone_files(const environment& env, const auto_options& options,
                                                std::vector<std::string>& warnings);

} // namespace troupe::config
