// SPDX-License-Identifier: Apache-2.0
#include "config/path.hpp"

#include <filesystem>

namespace troupe::config {

std::string path_beside(const std::string& path, const std::string& file) {
  std::error_code problem;
  auto whole = (std::filesystem::absolute(file, problem).parent_path() / path).lexically_normal().string();
  while (whole.size() > 1 && whole.back() == '/')
    whole.pop_back();
  return whole;
}

} // namespace troupe::config
