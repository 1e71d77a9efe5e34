// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/http_server.hpp"
#include "actors/pinned.hpp"
#include "config/address.hpp"

#include <variant>

namespace troupe {

/// Pages and where they are to be found. The servers outlive the actor, as DNS sockets outlive listeners: closing them
/// takes a quarter of a second, which no loop has, and nobody should find the port closed meanwhile.
struct page_set {
  std::string name, kind;
  std::vector<config::host_port> addresses;
  http_routes routes;
  bool optional = false; ///< a port taken by someone else is a warning, not the end
  /// Starts something that runs beside the servers; may be empty.
  std::function<std::shared_ptr<void>()> companion{};
  std::vector<std::unique_ptr<http_server>> open{};
  std::shared_ptr<void> beside{}; ///< what `companion` started
};

/// Opens the addresses that are not open yet. The first that cannot be opened is the result, unless the set is
/// optional.
std::optional<listen_error> open_pages(page_set& pages);
/// Closes all, waiting for requests under way. Not on a loop.
void close_pages(page_set& pages);

using http_pages_actor = protocol<
  // From nobody: the actor serves by being there. Answers how many addresses are open.
  caf::result<size_t>(caf::get_atom)>;

/// METRICS, HEALTH and their like: opens the pages of a set, which are served on threads of their own. Floating.
/// Restarts: what is open stays open.
class http_actor final : public floating<http_pages_actor> {
public:
  http_actor(caf::actor_config& cfg, process& shared, const actor_identity& who, std::shared_ptr<page_set> pages)
    : floating<http_pages_actor>(cfg, shared, who), pages_(std::move(pages)) {}

  const char* name() const override { return pages_->kind.c_str(); }

protected:
  behavior_type make_behavior() override;

private:
  std::shared_ptr<page_set> pages_;
};

} // namespace troupe
