// SPDX-License-Identifier: Apache-2.0
#include "actors/http_actor.hpp"

#include "actors/log.hpp"

#include <stdexcept>

namespace troupe {

std::optional<listen_error> open_pages(page_set& pages) {
  for (size_t i = pages.open.size(); i < pages.addresses.size(); ++i) {
    auto started = http_server::start(pages.addresses[i].text(), pages.routes);
    if (auto* failed = std::get_if<listen_error>(&started)) {
      if (!pages.optional)
        return *failed;
      log::warning("plugin/{}: {}", pages.name, failed->text());
      pages.open.push_back(nullptr);
    } else {
      pages.open.push_back(std::move(std::get<std::unique_ptr<http_server>>(started)));
    }
  }
  return std::nullopt;
}

void close_pages(page_set& pages) {
  pages.beside.reset();
  pages.open.clear();
}

http_actor::behavior_type http_actor::make_behavior() {
  if (auto failed = open_pages(*pages_))
    throw std::runtime_error(failed->text());
  if (pages_->companion && !pages_->beside)
    pages_->beside = pages_->companion();
  return {[this](caf::get_atom) { return pages_->open.size(); }};
}

} // namespace troupe
