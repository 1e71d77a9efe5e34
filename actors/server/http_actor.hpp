// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/http_server.hpp"
#include "actors/runtime/pinned.hpp"
#include "config/plan.hpp"

#include <variant>

namespace troupe {

/// Pages of one kind and the servers that show them. These outlive the actor, as DNS sockets outlive listeners, and
/// live on over reloads that leave their address alone: nobody should find the port closed meanwhile. Thread: one that
/// may block, since opening and closing take their time; `open()` any.
class page_set {
public:
  using address_list = std::vector<config::host_port>;
  struct page {
    config::host_port at;
    std::unique_ptr<http_server> server; ///< null: opened as soon as what stands in its way is closed
  };
  using opened = std::vector<page>;
  /// Starts something that runs beside the servers and is told the first address.
  using companion = std::function<std::shared_ptr<void>(const config::host_port&)>;

  /// `addresses`: where a plan says that the pages are.
  page_set(std::string name, std::string kind, const address_list config::plan::*addresses, http_routes routes,
           http_hosts hosts = http_hosts::any, companion beside = {})
    : name(std::move(name)), kind(std::move(kind)), addresses_(addresses), routes_(std::move(routes)), hosts_(hosts),
      companion_(std::move(beside)) {}

  const std::string name, kind; ///< of the actor

  /// Ports that are given up with this plan.
  void add_left(const config::plan& wanted, std::vector<uint16_t>& ports) const;
  /// Opens those of the plan's addresses that are not open yet; the first that cannot be opened is the result, unless
  /// it is `optional`, which is only a warning. One on a port that is given up waits for that. What is open stays.
  std::variant<opened, listen_error> open_missing(const config::plan& wanted, const std::vector<uint16_t>& given_up,
                                                  bool optional) const;
  /// Closes what the plan does not name. Waits for requests under way.
  void leave(const config::plan& wanted);
  /// From now on `fresh` belongs to these pages too.
  void enter(const config::plan& wanted, opened fresh);
  void close();
  bool named_in(const config::plan& wanted) const noexcept { return !(wanted.*addresses_).empty(); }
  size_t open() const noexcept { return open_; }

private:
  config::host_port open_at(config::host_port at) const;

  const address_list config::plan::*addresses_;
  const http_routes routes_;
  const http_hosts hosts_;
  const companion companion_;
  opened pages_;
  std::shared_ptr<void> beside_; ///< what the companion started
  config::host_port beside_at_;
  std::atomic<size_t> open_{0};
};

using http_pages_actor = protocol<
  // From nobody: the actor serves by being there. Answers how many addresses are open.
  caf::result<size_t>(caf::get_atom)>;

/// METRICS, HEALTH and their like: stands in the tree for the pages of a set, which are served on threads of their own.
/// Floating. Restarts: what is open stays open.
class http_actor final : public floating<http_pages_actor> {
public:
  http_actor(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, std::shared_ptr<page_set> pages)
    : floating<http_pages_actor>(cfg, shared, who), pages_(std::move(pages)) {}

  const char* name() const override { return pages_->kind.c_str(); }

protected:
  behavior_type make_behavior() override {
    return {[this](caf::get_atom) { return pages_->open(); }};
  }

private:
  std::shared_ptr<page_set> pages_;
};

} // namespace troupe
