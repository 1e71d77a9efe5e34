// SPDX-License-Identifier: Apache-2.0
#include "config/directives/zone_files.hpp"

#include "config/directives/zone_file.hpp"
#include "config/dispenser.hpp"
#include "config/go_regexp.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace troupe::config {

namespace {

bool is_word(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Files below `folder`, each folder's names in order of octets.
void walk(const std::filesystem::path& folder, size_t depth, std::vector<std::string>& out) {
  std::error_code problem;
  std::vector<std::filesystem::directory_entry> entries;
  for (std::filesystem::directory_iterator each{folder, problem}, end; !problem && each != end; each.increment(problem))
    entries.push_back(*each);
  std::ranges::sort(entries, {}, [](const auto& entry) { return entry.path().filename().string(); });
  for (const auto& entry : entries) {
    if (out.size() == max_auto_files)
      return;
    const bool is_folder = entry.symlink_status(problem).type() == std::filesystem::file_type::directory;
    if (!is_folder)
      out.push_back(entry.path().string());
    else if (depth < max_auto_depth)
      walk(entry.path(), depth + 1, out);
  }
}

/// The zone that a file's name stands for.
std::optional<dns::name> origin_of(const RE2& expression, const std::string& name, const std::string& text) {
  std::vector<re2::StringPiece> groups(static_cast<size_t>(expression.NumberOfCapturingGroups()) + 1);
  if (!expression.Match(name, 0, name.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size())))
    return std::nullopt;
  const auto& named = expression.NamedCapturingGroups();
  const auto group = [&](std::string_view which) -> std::string {
    size_t number = groups.size();
    if (std::ranges::all_of(which, [](char c) { return c >= '0' && c <= '9'; }) && which.size() < 6)
      number = static_cast<size_t>(std::stoul(std::string{which}));
    else if (const auto found = named.find(std::string{which}); found != named.end())
      number = static_cast<size_t>(found->second);
    return number < groups.size() ? groups[number].as_string() : std::string{};
  };
  const std::string origin = expanded(text, group);
  return dns::name::from_text(origin.empty() ? "." : origin);
}

} // namespace

std::string expanded(std::string_view text, const std::function<std::string(std::string_view)>& group) {
  std::string out;
  while (!text.empty()) {
    const size_t dollar = std::min(text.find('$'), text.size());
    out += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.size() < 2) {
      out += text;
      break;
    }
    text.remove_prefix(1);
    if (text[0] == '$') {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    const bool braces = text[0] == '{';
    const auto name = text.substr(braces ? 1 : 0);
    const size_t size = static_cast<size_t>(std::ranges::find_if_not(name, is_word) - name.begin());
    if (size == 0 || (braces && (size == name.size() || name[size] != '}'))) {
      out += '$'; // malformed: it stands for itself
      continue;
    }
    out += group(name.substr(0, size));
    text.remove_prefix(size + (braces ? 2 : 0));
  }
  return out;
}

std::vector<file_options::zone> list_zone_files(const auto_options& options, std::vector<std::string>& warnings) {
  std::vector<file_options::zone> out;
  if (options.directory.empty())
    return out;
  std::error_code problem;
  const auto resolved = std::filesystem::canonical(options.directory, problem);
  std::vector<std::string> files;
  walk(problem ? std::filesystem::path{options.directory} : resolved, 0, files);
  RE2::Options quiet;
  quiet.set_log_errors(false);
  const RE2 expression{re2_of(options.expression), quiet};
  std::map<std::string, std::string> seen; // zone -> file
  for (const std::string& path : files) {
    const auto origin = origin_of(expression, std::filesystem::path{path}.filename().string(), options.origin);
    if (!origin)
      continue;
    file_options::zone one;
    one.apex = origin->lowered();
    one.path = path;
    one.reload = options.reload;
    const std::string name = one.apex.to_text();
    if (const auto [before, is_new] = seen.emplace(name, path); is_new)
      out.push_back(std::move(one));
    else
      warnings.push_back("plugin/auto: Multiple zone files match origin " + quote(name) + ": using " +
                         quote(before->second) + " instead of " + quote(path));
  }
  return out;
}

std::optional<std::string> read_found_zone(const environment& env, file_options::zone& found) {
  const auto content = read_zone_file(env, found.path);
  if (const auto* bad = std::get_if<1>(&content))
    return "plugin/auto: Opening " + found.path + " failed: " + *bad;
  auto loaded = load_zone(env, std::get<0>(content), found.path, found.apex);
  if (const auto* words = std::get_if<std::string>(&loaded))
    return "plugin/auto: Parse zone `" + found.apex.to_text() + "': " + *words;
  found.table = std::get<master::zone_table_ptr>(std::move(loaded));
  return std::nullopt;
}

std::vector<file_options::zone> find_zone_files(const environment& env, const auto_options& options,
                                                std::vector<std::string>& warnings) {
  std::vector<file_options::zone> out;
  for (auto& each : list_zone_files(options, warnings)) {
    if (auto problem = read_found_zone(env, each))
      warnings.push_back(std::move(*problem));
    else
      out.push_back(std::move(each));
  }
  return out;
}

} // namespace troupe::config
