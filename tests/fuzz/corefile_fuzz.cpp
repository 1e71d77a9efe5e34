// SPDX-License-Identifier: Apache-2.0
#include "config/modernise.hpp"
#include "config/plan.hpp"
#include "config/search_list.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

using namespace troupe;
using namespace troupe::config;

namespace {

/// A machine on which every variable and every file is part of the input, so that nothing outside is read: the input is
/// cut at octets 0x01 into the Corefile and the files `1`, `2`, … beside it.
class machine {
public:
  explicit machine(std::string_view input) {
    for (;;) {
      const size_t end = input.find('\x01');
      parts_.emplace_back(input.substr(0, end));
      if (end == input.npos || parts_.size() == 4)
        return;
      input.remove_prefix(end + 1);
    }
  }

  const std::string& corefile() const { return parts_.front(); }

  environment env() const {
    environment e;
    e.variable = [this](const std::string& name) -> std::optional<std::string> {
      return name.size() == 1 ? std::optional{parts_.back()} : std::nullopt;
    };
    e.paths = [this](const std::string& pattern) {
      std::vector<std::string> all;
      for (size_t i = 1; i < parts_.size(); ++i) {
        if (pattern == "/" + std::to_string(i) || pattern == "/*")
          all.push_back("/" + std::to_string(i));
      }
      return all;
    };
    e.read = [this](const std::string& path) -> std::variant<std::string, environment::unreadable> {
      for (size_t i = 1; i < parts_.size(); ++i) {
        if (path == "/" + std::to_string(i))
          return parts_[i];
      }
      return environment::unreadable{"no such file or directory"};
    };
    e.interfaces = {{"lo", "127.0.0.1"}, {"lo", "::1"}};
    return e;
  }

private:
  std::vector<std::string> parts_;
};

void require(bool holds) {
  if (!holds)
    std::abort();
}

/// Every plan keeps its promises: each zone is found at its listener under its own name, and indices point somewhere.
void check(const plan& p) {
  require(!p.listeners.empty() && !p.actors.empty());
  for (const auto& listener : p.listeners) {
    for (const auto& zone : listener.zones) {
      const auto* found = listener.match(zone.zone.wire(), 1);
      require(found && found->zone == zone.zone);
      require(zone.position < p.blocks.at(zone.block).zones.size());
    }
  }
  for (const auto& block : p.blocks) {
    require(!block.kubernetes || block.kubernetes->primary < block.kubernetes->zones.size());
    require(!block.k8s_external || (block.kubernetes && block.k8s_external->ttl <= 3600));
    require(!block.autopath || (block.autopath->search.size() <= max_search_names &&
                                block.autopath->search_of_us.size() <= max_search_names));
    require(!block.cache || block.cache->success.capacity >= 1024);
    require(!block.reload || (block.reload->jitter.count() >= 0 && block.reload->jitter <= block.reload->interval / 2));
    for (const auto& f : block.forward)
      require(!f.from.empty() && !f.to.empty() && f.to.size() <= max_upstreams && !f.identity().empty());
  }
  require(p.digest.size() == 128 && p.files.front() == "/Corefile");
  require(!p.start_text().empty());
}

/// What is printed in modern words has no old ones in the Corefile itself, and a Corefile without any stays as it is.
void check_migration(const machine& m) {
  const auto made = migrated("/Corefile", m.corefile(), m.env());
  const auto* modern = std::get_if<modern_corefile>(&made);
  if (!modern)
    return;
  const auto here = [](const auto& notices) {
    return std::any_of(notices.begin(), notices.end(), [](const old_notice& notice) { return notice.here; });
  };
  require(here(modern->notices) || modern->text == m.corefile());
  const auto again = migrated("/Corefile", modern->text, m.env());
  const auto* same = std::get_if<modern_corefile>(&again);
  require(same && same->text == modern->text && !here(same->notices));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const machine m{{reinterpret_cast<const char*>(data), size}};
  const auto result = make_plan("/Corefile", m.corefile(), m.env());
  require((result.plan != nullptr) != result.error.has_value());
  check_migration(m);
  if (result.plan)
    check(*result.plan);
  else
    require((result.error->at.line > 0 || result.error->message.find("no server block") != std::string::npos) &&
            !result.error->at.file.empty() && !result.error->message.empty());
  return 0;
}
