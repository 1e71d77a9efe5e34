// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/http_server.hpp"
#include "actors/pinned.hpp"
#include "config/address.hpp"

#include <variant>

namespace troupe {

/// Pages and where they are to be found.
struct page_set {
  std::string name, kind;
  std::vector<config::host_port> addresses;
  http_routes routes;
  bool optional = false; ///< a port taken by someone else is a warning, not the end
  /// Something that runs beside the servers as long as the actor does; may be empty.
  std::function<std::shared_ptr<void>()> companion{};
  std::vector<std::unique_ptr<http_server>> open{};
};

/// Opens the addresses that are not open yet. The first that cannot be opened is the result, unless the set is
/// optional.
std::optional<listen_error> open_pages(page_set& pages);

using http_pages_actor = protocol<
  // From nobody: the actor serves by being there. Answers how many addresses are open.
  caf::result<size_t>(caf::get_atom)>;

/// METRICS, HEALTH and their like: owns HTTP servers, which run on threads of their own. Floating. Restarts: the ports
/// are opened again.
class http_actor final : public floating<http_pages_actor> {
public:
  http_actor(caf::actor_config& cfg, process& shared, const actor_identity& who, std::shared_ptr<page_set> pages)
    : floating<http_pages_actor>(cfg, shared, who), pages_(std::move(pages)) {}

  const char* name() const override { return pages_->kind.c_str(); }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  std::shared_ptr<page_set> pages_;
  std::shared_ptr<void> companion_;
};

} // namespace troupe
