// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace troupe::config {

struct server_block;

/// `path`, relative to the folder that `root` of the block names, if it has one.
std::string below_root(const server_block& block, const std::string& path);

} // namespace troupe::config
