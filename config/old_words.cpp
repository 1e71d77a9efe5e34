// SPDX-License-Identifier: Apache-2.0
#include "config/old_words.hpp"

#include "config/old_changes.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

constexpr std::string_view by_probes = "'forward' finds out by itself who is down";
constexpr std::string_view by_dns = "'forward' asks by DNS anyway";

/// What corefile-migration v1.0.36 knows, and the release notes of CoreDNS of what no default Corefile ever had. A
/// directive's options come before itself: they are looked up under its old name.
constexpr old_word rows[] = {
  {"proxy", "policy", "1.5.0", proxy_policy, "'forward' chooses at random where nothing is said"},
  {"proxy", "fail_timeout", "1.5.0", drop_option, by_probes},
  {"proxy", "max_fails", "1.5.0", drop_option, by_probes},
  {"proxy", "health_check", "1.5.0", drop_option, by_probes},
  {"proxy", "spray", "1.5.0", drop_option, "'forward' asks somebody anyway when all are down"},
  {"proxy", "protocol", "1.5.0", proxy_protocol, by_dns},
  {"proxy", "", "1.5.0", proxy},
  {"kubernetes", "endpoint", "1.4.0", first_endpoint, {}, "a second URL of 'endpoint'"},
  {"kubernetes", "resyncperiod", "1.7.0", drop_option, "nothing is listed anew without need"},
  {"kubernetes", "upstream", "1.7.0", kubernetes_upstream, "'forward' resolves what is outside of the cluster"},
  {"kubernetes", "transfer", "1.8.0", transfer_to},
  {"file", "transfer", "1.8.0", transfer_to},
  {"auto", "transfer", "1.8.0", transfer_to},
  {"secondary", "transfer", "1.8.0", transfer_to},
  {"file", "no_reload", "1.5.0", no_reload},
  {"auto", "no_reload", "1.5.0", no_reload},
  {"auto", "directory", "1.5.0", directory_timeout, {}, "the timeout of 'directory'"},
  {"header", "set", "1.12.4", header_action, {}, "'set' of 'header' without 'response'"},
  {"header", "clear", "1.12.4", header_action, {}, "'clear' of 'header' without 'response'"},
  {"startup", "", "1.1.0", event},
  {"shutdown", "", "1.1.0", event},
  {"federation", "", "1.7.0", drop_directive,
   "Kubernetes has no such federations any more, so their names do not exist"},
};

} // namespace

std::span<const old_word> old_words() {
  return rows;
}

bool may_be_old(std::string_view directive) {
  return std::ranges::any_of(rows, [&](const old_word& word) { return word.directive == directive; });
}

const old_word* find_old_word(std::string_view directive, std::string_view option) {
  const auto* found = std::ranges::find_if(
    rows, [&](const old_word& word) { return word.directive == directive && word.option == option; });
  return found == std::ranges::end(rows) ? nullptr : found;
}

} // namespace troupe::config
