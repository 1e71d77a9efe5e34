// SPDX-License-Identifier: Apache-2.0
#include "config/flags.hpp"

#include "config/dispenser.hpp"

#include <algorithm>
#include <optional>

namespace troupe::config {

namespace {

/// A flag takes a word, or is one that can be true or false.
struct command_flag {
  std::string_view name;
  std::string command_line::*word;
  bool command_line::*truth;
  std::string_view help;
};

constexpr command_flag flags[] = {
  {"conf", &command_line::conf, nullptr, "Corefile to load (default \"Corefile\"); stdin reads standard input"},
  {"dns.port", &command_line::dns_port, nullptr, "Default port (default \"53\")"},
  {"migrate", nullptr, &command_line::migrate,
   "Print the Corefile with old words made modern ones, all else as it stands, and end"},
  {"p", &command_line::dns_port, nullptr, "Default port (default \"53\")"},
  {"pidfile", &command_line::pidfile, nullptr, "Path to write pid file"},
  {"plugins", nullptr, &command_line::plugins, "List installed plugins"},
  {"quiet", nullptr, &command_line::quiet, "Quiet mode (no initialization output)"},
  {"validate", nullptr, &command_line::validate, "Read the Corefile, report what is wrong with it, and end"},
  {"version", nullptr, &command_line::version, "Show version"},
};

std::optional<bool> truth(std::string_view text) {
  for (std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes)
      return true;
  }
  for (std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no)
      return false;
  }
  return std::nullopt;
}

early_end wrong_flag(const std::string& what) {
  return {what + "\n" + usage_text(), 2};
}

std::string architecture() {
#if defined(__x86_64__)
  return "amd64";
#elif defined(__aarch64__)
  return "arm64";
#elif defined(__powerpc64__)
  return "ppc64le";
#elif defined(__s390x__)
  return "s390x";
#elif defined(__riscv)
  return "riscv64";
#else
  return "unknown";
#endif
}

std::string compiler() {
#if defined(__clang__)
  return std::string{"clang-"} + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__) + "." +
         std::to_string(__clang_patchlevel__);
#else
  return std::string{"g++-"} + std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__) + "." +
         std::to_string(__GNUC_PATCHLEVEL__);
#endif
}

/// Reads flags one after the other.
class flag_reader {
public:
  explicit flag_reader(std::span<const char* const> arguments) : rest_(arguments) {}

  std::variant<command_line, early_end> run() {
    while (!rest_.empty()) {
      const std::string_view word = rest_.front();
      if (word.size() < 2 || word[0] != '-')
        break;
      rest_ = rest_.subspan(1);
      if (word == "--")
        break;
      if (auto end = read(word))
        return *end;
    }
    if (!rest_.empty())
      return early_end{"extra command line arguments: " + extra_words() + "\n", 1};
    return out_;
  }

private:
  std::optional<early_end> read(std::string_view word) {
    const std::string_view bare = word.substr(word[1] == '-' ? 2 : 1);
    if (bare.empty() || bare[0] == '-' || bare[0] == '=')
      return wrong_flag("bad flag syntax: " + std::string{word});
    const size_t equals = bare.find('=');
    const std::string name{bare.substr(0, equals)};
    std::optional<std::string_view> value;
    if (equals != bare.npos)
      value = bare.substr(equals + 1);
    const auto* known =
      std::find_if(std::begin(flags), std::end(flags), [&](const command_flag& f) { return f.name == name; });
    if (known != std::end(flags))
      return known->word ? set_word(*known, value) : set_truth(*known, value);
    if (name == "help" || name == "h")
      return early_end{usage_text(), 0};
    return wrong_flag("flag provided but not defined: -" + name);
  }

  std::optional<early_end> set_word(const command_flag& f, std::optional<std::string_view> value) {
    if (!value) {
      if (rest_.empty())
        return wrong_flag("flag needs an argument: -" + std::string{f.name});
      value = rest_.front();
      rest_ = rest_.subspan(1);
    }
    out_.*f.word = std::string{*value};
    return std::nullopt;
  }

  std::optional<early_end> set_truth(const command_flag& f, std::optional<std::string_view> value) {
    auto read = truth(value.value_or("true"));
    if (!read)
      return wrong_flag("invalid boolean value " + quote(*value) + " for -" + std::string{f.name} + ": parse error");
    out_.*f.truth = *read;
    return std::nullopt;
  }

  std::string extra_words() const {
    std::string text = "[";
    for (const char* word : rest_)
      text += (text.size() > 1 ? " " : "") + std::string{word};
    return text + "]";
  }

  std::span<const char* const> rest_;
  command_line out_;
};

} // namespace

std::variant<command_line, early_end> parse_flags(std::span<const char* const> arguments) {
  return flag_reader{arguments}.run();
}

std::string usage_text() {
  std::string text = "Usage of troupe:\n";
  for (const command_flag& f : flags)
    text += "  -" + std::string{f.name} + (f.word ? " string" : "") + "\n    \t" + std::string{f.help} + "\n";
  return text;
}

std::string version_text(std::string_view troupe_version, std::string_view commit) {
  return "CoreDNS-" + std::string{coredns_version} + "\nlinux/" + architecture() + ", " + compiler() + ", " +
         std::string{commit} + "\nTroupe-" + std::string{troupe_version} + "\n";
}

} // namespace troupe::config
