// SPDX-License-Identifier: Apache-2.0
#include "net/template/text_template.hpp"
#include "tests/net/template/template_values.hpp"

#include <cstdlib>

using namespace troupe::templates;

/// An error or an output within bounds; nothing fails that says nothing.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  static const test::data_struct data;
  const std::string_view source{reinterpret_cast<const char*>(octets), size};
  auto read = text_template::read("answer", source, coredns_functions());
  if (read.index() != 0)
    return 0;
  const auto& first = std::get<text_template>(read);
  const auto made = first.execute(host(data));
  if (const auto* out = std::get_if<std::string>(&made); out && out->size() > max_made_octets)
    std::abort();
  if (first.text().empty() && made.index() != 0)
    std::abort();
  return 0;
}
