// SPDX-License-Identifier: Apache-2.0
#include "actors/server/corefile_reader.hpp"

#include "config/digest.hpp"

namespace troupe {

corefile_reading corefile_reader::read(const std::string& known) {
  config::environment around = config::process_environment();
  around.default_port = flags_.dns_port;
  auto loaded = standard_input_ ? *standard_input_ : config::load_corefile(flags_, around);
  if (auto* failed = std::get_if<std::string>(&loaded))
    return {nullptr, std::move(*failed), ""};
  auto& file = std::get<config::corefile>(loaded);
  if (!known.empty() && !standard_input_ && config::has_digest(known, file.file, file.text, around))
    return {nullptr, "", known};
  auto made = config::make_plan(file.file, file.text, around);
  if (flags_.conf == "stdin")
    standard_input_ = std::move(file);
  return {made.plan, made.error ? made.error->text() : "", std::move(made.origin.digest)};
}

} // namespace troupe
