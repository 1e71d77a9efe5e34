// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace troupe::config {

/// `path` as an absolute one without `.`, `..` and a slash at its end, relative to the folder of `file`.
std::string path_beside(const std::string& path, const std::string& file);

} // namespace troupe::config
