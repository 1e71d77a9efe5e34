// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/template/parser.hpp"

namespace troupe::templates {

/// A template in the language of Go's text/template, read once and executed often. Immutable: any thread.
class text_template {
public:
  /// `name` is that of errors; `more`: functions of the host beside the language's, static. An error is in Go's words.
  static std::variant<text_template, std::string> read(std::string name, std::string_view source,
                                                       std::span<const function> more = {});

  struct failure {
    std::string words; ///< `template: answer:1:3: executing "answer" at <index .Match 9>: error calling index: …`
  };

  /// What the template makes of `dot`, which lives until this returns. Costs no more than limits.hpp says, whatever the
  /// values are; never throws for what is in them.
  std::variant<std::string, failure> execute(const value& dot) const;

  const std::string& name() const noexcept { return name_; }
  std::string text() const; ///< as Go's parser writes it again

private:
  text_template(std::string name, std::string source, definitions parts)
    : name_(std::move(name)), source_(std::move(source)), parts_(std::move(parts)) {}

  std::string name_, source_;
  definitions parts_;
};

} // namespace troupe::templates
