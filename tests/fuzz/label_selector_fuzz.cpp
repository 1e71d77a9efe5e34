// SPDX-License-Identifier: Apache-2.0
#include "config/label_selector.hpp"

#include <cstdint>
#include <cstdlib>
#include <map>

using troupe::config::label_selector;

/// What is read has a normal form that is read as the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto read = label_selector::parse({reinterpret_cast<const char*>(data), size});
  auto* selector = std::get_if<label_selector>(&read);
  if (!selector)
    return 0;
  auto again = label_selector::parse(selector->text());
  if (again.index() != 0 || std::get<0>(again).text() != selector->text())
    std::abort();
  const std::map<std::string, std::string> labels{{"a", "b"}, {"c", ""}};
  if (selector->matches(labels) != std::get<0>(again).matches(labels))
    std::abort();
  return 0;
}
