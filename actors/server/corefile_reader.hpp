// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/corefile.hpp"
#include "config/plan.hpp"

namespace troupe {

/// What a Corefile says at the moment.
struct corefile_reading {
  std::shared_ptr<const config::plan> plan; ///< null: it cannot be used
  std::string error;                        ///< why, with file and line
  std::string digest;                       ///< plan_origin::digest; empty: there is no file, or its grammar is broken
};

/// Reads the Corefile of a command line, and whatever it imports, from the beginning each time: so changes of imported
/// files and of the links of a ConfigMap are seen like those of the file itself. Thread: one at a time; blocks.
class corefile_reader {
public:
  explicit corefile_reader(config::command_line flags) : flags_(std::move(flags)) {}

  /// With a digest, and no plan, if that of the file is `known`; empty: none is.
  corefile_reading read(const std::string& known = {});

private:
  const config::command_line flags_;
  std::optional<config::corefile> standard_input_; ///< can be read only once
};

} // namespace troupe
