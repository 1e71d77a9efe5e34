// SPDX-License-Identifier: Apache-2.0
#include "actors/server/http_actor.hpp"

#include "actors/runtime/log.hpp"

#include <algorithm>

namespace troupe {

namespace {

bool lists(const page_set::address_list& addresses, const config::host_port& at) {
  return std::find(addresses.begin(), addresses.end(), at) != addresses.end();
}

/// With CoreDNS's words, where it has any.
void say_not_open(const std::string& pages, const listen_error& failed) {
  if (pages == "prometheus")
    log::error("Failed to start metrics handler: {}", failed.text());
  else if (pages == "actors") // by default, not because somebody asked for it
    log::warning("plugin/{}: {}", pages, failed.text());
  else
    log::error("plugin/{}: {}", pages, failed.text());
}

} // namespace

void page_set::add_left(const config::plan& wanted, std::vector<uint16_t>& ports) const {
  for (auto& p : pages_)
    if (!lists(wanted.*addresses_, p.at))
      ports.push_back(p.at.port);
}

std::variant<page_set::opened, listen_error>
page_set::open_missing(const config::plan& wanted, const std::vector<uint16_t>& given_up, bool optional) const {
  opened fresh;
  for (auto& at : wanted.*addresses_) {
    if (std::any_of(pages_.begin(), pages_.end(), [&](const page& p) { return p.at == at; }))
      continue;
    auto started = http_server::start(at.text(), routes_, hosts_);
    auto* failed = std::get_if<listen_error>(&started);
    if (!failed)
      fresh.push_back({at, std::move(std::get<std::unique_ptr<http_server>>(started))});
    else if (std::find(given_up.begin(), given_up.end(), at.port) != given_up.end())
      fresh.push_back({at, nullptr});
    else if (optional)
      say_not_open(name, *failed);
    else
      return *failed;
  }
  return fresh;
}

void page_set::leave(const config::plan& wanted) {
  std::erase_if(pages_, [&](const page& p) { return !lists(wanted.*addresses_, p.at); });
}

void page_set::enter(const config::plan& wanted, opened fresh) {
  for (auto& p : fresh) {
    if (!p.server) {
      auto started = http_server::start(p.at.text(), routes_, hosts_);
      if (auto* failed = std::get_if<listen_error>(&started)) {
        log::error("plugin/{}: {}", name, failed->text());
        continue;
      }
      p.server = std::move(std::get<std::unique_ptr<http_server>>(started));
    }
    pages_.push_back(std::move(p));
  }
  open_ = pages_.size();
  const auto& addresses = wanted.*addresses_;
  if (beside_ && !addresses.empty() && beside_at_ == addresses.front())
    return;
  beside_.reset();
  if (companion_ && !addresses.empty()) {
    beside_at_ = addresses.front();
    beside_ = companion_(open_at(beside_at_));
  }
}

/// With the port that the kernel chose, where it did.
config::host_port page_set::open_at(config::host_port at) const {
  const auto found = std::find_if(pages_.begin(), pages_.end(), [&](const page& p) { return p.at == at; });
  if (found != pages_.end() && found->server)
    at.port = found->server->port();
  return at;
}

void page_set::close() {
  beside_.reset();
  pages_.clear();
  open_ = 0;
}

} // namespace troupe
