// SPDX-License-Identifier: Apache-2.0
#include "config/importer.hpp"

#include "config/bounds.hpp"
#include "config/lexer.hpp"
#include "config/path.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

std::string too_many(const char* what, size_t bound) {
  return std::string{"maximum "} + what + " import depth (" + std::to_string(bound) + ") exceeded";
}

/// CoreDNS's bound on patterns; several wildcards can take very long.
bool is_too_wild(const std::string& pattern) {
  return std::count(pattern.begin(), pattern.end(), '*') > 1 || std::count(pattern.begin(), pattern.end(), '?') > 1 ||
         (pattern.find('[') != pattern.npos && pattern.find(']') != pattern.npos);
}

} // namespace

std::optional<std::string> importer::redeclares(const std::string& name) const {
  if (!snippets_.count(name))
    return std::nullopt;
  return "redeclaration of previously declared snippet " + name;
}

std::optional<std::string> importer::define(const std::string& name, tokens body) {
  for (size_t i = 0; i + 1 < body.size(); ++i) {
    if (body[i].text == "import" && (i == 0 || body[i].starts_line) &&
        replace_variables(body[i + 1].text, env_) == name)
      return too_many("snippet", max_snippet_imports);
  }
  if (!body.empty())
    body.front().starts_line = true; // `import` stands at the start of a line, and so does what takes its place
  snippets_.emplace(name, std::make_shared<const tokens>(std::move(body)));
  return std::nullopt;
}

std::variant<importer::words, std::string> importer::import(const std::string& pattern, const token& from) {
  if (auto snippet = snippets_.find(pattern); snippet != snippets_.end()) {
    if (++snippet_imports_ > max_snippet_imports)
      return too_many("snippet", max_snippet_imports);
    return snippet->second;
  }
  if (++file_imports_ > max_file_imports)
    return too_many("file", max_file_imports);
  const auto [known, is_new] = files_.try_emplace({*from.file, pattern});
  if (!is_new)
    return known->second;
  auto found = files(pattern, path_beside(pattern, *from.file));
  if (auto* read = std::get_if<words>(&found))
    known->second = *read;
  return found;
}

void importer::note(std::vector<std::string>& all, const std::string& path) {
  if (noted_.insert(path).second)
    all.push_back(path);
}

std::variant<importer::words, std::string> importer::files(const std::string& pattern, const std::string& absolute) {
  if (is_too_wild(absolute))
    return "Glob pattern may only contain one wildcard (*), but has others: " + absolute;
  const bool is_pattern = absolute.find_first_of("*?[]") != absolute.npos;
  note(is_pattern ? out_.patterns : out_.files, absolute);
  const auto found = env_.paths ? env_.paths(absolute) : std::vector<std::string>{};
  if (found.empty()) {
    if (!is_pattern)
      return "File to import not found: " + pattern;
    out_.warnings.push_back("No files matching import glob pattern: " + pattern);
  }
  tokens all;
  size_t octets = 0;
  for (const auto& path : found) {
    note(out_.files, path);
    auto content = env_.read(path);
    if (auto* problem = std::get_if<environment::unreadable>(&content))
      return "Could not import " + path + ": " + problem->reason;
    octets += std::get<std::string>(content).size();
    if (octets > max_expanded_octets)
      return pattern + ": more than " + std::to_string(max_expanded_octets) + " octets";
    auto more = lex(std::get<std::string>(content), std::make_shared<const std::string>(path));
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    if (all.size() > max_tokens)
      return "more than " + std::to_string(max_tokens) + " words after imports";
  }
  return std::make_shared<const tokens>(std::move(all));
}

} // namespace troupe::config
