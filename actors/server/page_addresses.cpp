// SPDX-License-Identifier: Apache-2.0
#include "actors/server/pages.hpp"

#include <algorithm>
#include <thread>

/// Where pages are: opened, exchanged, closed.
namespace troupe {

namespace {

/// Where an address of a page was named: the line of its directive; nothing if it was named outside of the Corefile.
template <class Options>
const config::place* named_at(const std::optional<Options>& options, const std::string& address) {
  return options && !options->at.file.empty() && options->address.text() == address ? &options->at : nullptr;
}

const config::place* named_at(const config::server_block& block, const std::string& page, const std::string& address) {
  return page == "health"       ? named_at(block.health, address)
         : page == "ready"      ? named_at(block.ready, address)
         : page == "prometheus" ? named_at(block.prometheus, address)
                                : named_at(block.actors, address);
}

std::string page_failure(const config::plan& plan, const std::string& page, const listen_error& failed) {
  std::string where;
  for (auto& block : plan.blocks)
    if (const auto* at = named_at(block, page, failed.address); at && where.empty())
      where = at->file + ":" + std::to_string(at->line) + " - ";
  return "plugin/" + page + ": " + where + failed.text() + "; name another address behind '" + page +
         "', or end who has this one";
}

/// Pages of two kinds at one address would each get some of the other's requests.
std::optional<std::string> named_twice(const config::plan& plan) {
  std::vector<config::host_port> seen;
  for (const auto* addresses : {&plan.health, &plan.ready, &plan.prometheus}) {
    for (auto& at : *addresses)
      if (at.port != 0 && std::find(seen.begin(), seen.end(), at) != seen.end())
        return listen_error{at.text(), "two of health, ready and prometheus have this address"}.text();
    seen.insert(seen.end(), addresses->begin(), addresses->end());
  }
  return std::nullopt;
}

} // namespace

std::optional<std::string> pages::open(const config::plan& plan, fresh& into) {
  if (auto twice = named_twice(plan))
    return twice;
  std::vector<uint16_t> given_up;
  for (auto& set : sets_)
    set->add_left(plan, given_up);
  for (auto& set : sets_) {
    // Without its metrics or `/ready` the server serves, as CoreDNS does, which says nothing of the latter.
    const bool optional = set->name == "actors" ? !plan.actors_named : set->name != "health";
    auto fresh = set->open_missing(plan, given_up, optional);
    if (auto* failed = std::get_if<listen_error>(&fresh))
      return page_failure(plan, set->name, *failed);
    into.push_back(std::move(std::get<page_set::opened>(fresh)));
  }
  return std::nullopt;
}

void pages::enter(fresh&& opened, const config::plan& plan, const config::plan* before) {
  for (auto& set : sets_)
    set->leave(plan);
  for (size_t i = 0; i < sets_.size(); ++i) {
    auto& set = sets_[i];
    set->enter(plan, std::move(opened[i]));
    const bool was_there = before && set->named_in(*before), is_there = set->named_in(plan);
    if (is_there && !was_there)
      actors_.adopt(actors_.site().make<http_actor>({set->name, set->kind, "supervisor", {}}, set));
    else if (was_there && !is_there)
      actors_.dismiss({set->name});
  }
}

/// Each takes a while, so side by side; one after the other where no threads are to be had.
void pages::close() {
  std::vector<std::jthread> closing;
  for (auto& set : sets_)
    try {
      closing.emplace_back([&set] { set->close(); });
    } catch (const std::system_error&) {
      set->close();
    }
}

} // namespace troupe
