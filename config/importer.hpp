// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/parser.hpp"

#include <map>
#include <set>
#include <variant>

namespace troupe::config {

/// What `import` puts in its own place: the words of a snippet, or of the files that a pattern names.
class importer {
public:
  /// Warnings, files and patterns go to `out`.
  importer(const environment& env, parse_result& out) : env_(env), out_(out) {}

  using words = std::shared_ptr<const tokens>;

  /// An error text if there is a snippet of that name.
  std::optional<std::string> redeclares(const std::string& name) const;

  /// Keeps a snippet; an error text if it imports itself.
  std::optional<std::string> define(const std::string& name, tokens body);

  /// The words of `pattern` as it stands in `from`'s file, or an error text. Files are read once, however often
  /// imported.
  std::variant<words, std::string> import(const std::string& pattern, const token& from);

private:
  std::variant<words, std::string> files(const std::string& pattern, const std::string& absolute);

  void note(std::vector<std::string>& all, const std::string& path);

  const environment& env_;
  parse_result& out_;
  std::map<std::string, words> snippets_;
  std::map<std::pair<std::string, std::string>, words> files_; // by importing file and pattern
  std::set<std::string> noted_;
  size_t snippet_imports_ = 0, file_imports_ = 0;
};

} // namespace troupe::config
