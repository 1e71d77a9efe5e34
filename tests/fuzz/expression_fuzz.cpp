// SPDX-License-Identifier: Apache-2.0
#include "config/go_regexp.hpp"
#include "config/go_regexp_error.hpp"
#include "net/expression/expression.hpp"

using namespace troupe::expressions;

namespace {

class fuzzed_host final : public host {
public:
  std::variant<value, std::string> call(size_t function, std::span<const value>) override {
    return function == 0 ? value{std::string{"www.example.org."}} : value{int64_t{40}};
  }
};

} // namespace

/// An error or a value, in bounded time.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  static const surroundings known{
    {{"name", {}, type::text}, {"size", {}, type::integer}}, troupe::config::re2_of, troupe::config::go_error_text};
  auto made = expression::compile({reinterpret_cast<const char*>(octets), size}, known);
  fuzzed_host calls;
  if (auto* whole = std::get_if<expression>(&made))
    whole->run(calls);
  return 0;
}
