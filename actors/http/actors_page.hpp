// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/http_server.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// One actor as it stands at a moment; all counts are since the process started, restarts do not reset them.
struct actor_info {
  std::string name;           ///< `zone/beta/0`
  std::string kind;           ///< `zone-server`: one of a few; metrics are labelled with it
  std::string parent;         ///< name of who started it; empty at the root
  std::optional<int> loop;    ///< nothing: it floats
  std::string state;          ///< `running`, `restarting`, `fenced`, `stopped`
  uint64_t messages = 0;      ///< handled
  uint64_t queries = 0;       ///< answered by it
  uint64_t processing_ns = 0; ///< spent in its handlers
  uint64_t mailbox_now = 0;
  uint64_t mailbox_peak = 0;
  uint64_t restarts = 0;
  std::optional<std::string> last_failure;
  std::optional<std::string> detail{}; ///< what else there is to know: of a watcher, how old its knowledge is
};

/// `text` as a JSON string, quotes included (RFC 8259 section 7). Octets that are no UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

/// `{"actors":[{"name":…,"kind":…,"parent":…,"loop":0 or null,"state":…,"messages":…,"queries":…,"processing_ns":…,
/// "mailbox":{"now":…,"peak":…},"restarts":…,"last_failure":null or …}, …]}` and a line feed; with a last `"detail":…`
/// where there is one.
std::string actors_json(const std::vector<actor_info>& actors);

/// The same as a table for people.
std::string actors_html(const std::vector<actor_info>& actors);

/// The pages `/actors` (JSON) and `/` (table). `collect` is called for each request on a thread of the server.
http_routes actors_routes(const std::function<std::vector<actor_info>()>& collect);

} // namespace troupe
