// SPDX-License-Identifier: Apache-2.0
#include "config/digest.hpp"
#include "config/directives.hpp"
#include "config/directives/http_address.hpp"
#include "config/directives/timeouts.hpp"
#include "config/dispenser.hpp"
#include "config/listeners.hpp"
#include "config/modernise.hpp"
#include "config/partners.hpp"

#include <algorithm>
#include <filesystem>

namespace troupe::config {

namespace {

/// `text` cut at `:`, empty parts left out.
std::vector<std::string> split_paths(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(':', begin), text.size());
    if (end > begin)
      parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// CoreDNS then serves `whoami`, which is of no use to who forgot a file.
parse_error no_block(const std::string& file) {
  return error_at({file, 0},
                  "there is no server block: the file is missing or empty; write one (`.:53 { … }`), or name "
                  "another file with -conf");
}

class maker {
public:
  maker(plan& out, const environment& env) : plan_(out), env_(env) {}

  failure run(const std::string& file, const std::string& text) {
    auto parsed = parse(file, text, env_);
    plan_.file = file;
    plan_.files = std::move(parsed.files);
    plan_.patterns = std::move(parsed.patterns);
    plan_.warnings = std::move(parsed.warnings);
    if (parsed.error)
      return parsed.error;
    if (parsed.blocks.empty())
      return no_block(file);
    plan_.digest = digest_of(parsed.blocks, file);
    for (const old_notice& old : modernise(parsed, text).notices)
      plan_.warnings.push_back(old.line() + "; troupe -conf " + (file == "/dev/stdin" ? "stdin" : file) +
                               " -migrate prints the modern Corefile");
    if (auto bad = open_blocks(std::move(parsed.blocks)))
      return bad;
    for (const auto& d : directives()) {
      if (auto bad = read_directive(d))
        return bad;
    }
    if (auto bad = all_not_built())
      return bad;
    for (size_t b = 0; b < blocks_.size(); ++b) {
      if (auto bad = check_partners(plan_.blocks[b], blocks_[b].raw.directives, plan_.warnings))
        return bad;
    }
    if (auto bad = apply_environment())
      return bad;
    gather();
    return make_listeners(blocks_, plan_);
  }

private:
  failure open_blocks(std::vector<raw_block> raw) {
    plan_.blocks.reserve(raw.size());
    blocks_.reserve(raw.size());
    size_t zones = 0;
    for (auto& block : raw) {
      auto keyed = read_keys(std::move(block), env_, zones, missing_);
      if (auto* bad = std::get_if<parse_error>(&keyed))
        return *bad;
      blocks_.push_back(std::get<keyed_block>(std::move(keyed)));
      server_block made;
      made.at = blocks_.back().keys.front().at;
      for (const auto& key : blocks_.back().keys) {
        for (const auto& zone : key.parts.zones) {
          made.zones.push_back(zone);
          made.keys += (made.keys.empty() ? "" : " ") + zone.to_text() + ":" + std::to_string(key.port);
        }
      }
      plan_.blocks.push_back(std::move(made));
    }
    return std::nullopt;
  }

  /// One directive in all blocks before the next one, so that errors come in CoreDNS's order.
  failure read_directive(const directive& d) {
    for (size_t b = 0; d.parse && b < blocks_.size(); ++b) {
      size_t uses = 0;
      for (const auto& use : blocks_[b].raw.directives) {
        if (use.name != d.name)
          continue;
        dispenser in{use};
        plan_.blocks[b].uses.try_emplace(d.name);
        failure bad;
        if (d.once && ++uses > 1)
          bad = in.error("this plugin can only be used once per Server Block");
        setup s{plan_.blocks[b], env_, plan_.warnings};
        if (!bad)
          bad = d.parse(in, s);
        if (!bad && in.has_more())
          bad = in.left_over();
        if (!bad)
          continue;
        bad->plugin = d.name;
        if (bad->not_built.empty())
          return bad;
        missing_.push_back(*bad);
      }
    }
    return std::nullopt;
  }

  /// Everything that CoreDNS knows and Troupe does not: keys, options, directives.
  failure all_not_built() {
    for (const auto& block : blocks_) {
      for (const auto& use : block.raw.directives) {
        if (find_directive(use.name)->parse)
          continue;
        if (const auto instead = way_round(use.name); !instead.empty())
          return error_at(use.words.front().at(),
                          "'" + use.name + "' is not built, since nobody can test it here: " + std::string{instead});
        missing_.push_back(not_yet_at(use.words.front().at(), "directive '" + use.name + "'"));
      }
    }
    return missing_.empty() ? failure{} : not_yet_at_all(missing_);
  }

  /// What CoreDNS does not know can be said from outside, so that one Corefile serves both.
  failure apply_environment() {
    if (!env_.variable)
      return std::nullopt;
    for (const auto& path : split_paths(env_.variable("TROUPE_MANIFESTS").value_or(""))) {
      std::error_code problem;
      const auto whole = std::filesystem::absolute(path, problem).lexically_normal().string();
      outside_manifests_.push_back(whole);
    }
    for (auto& block : plan_.blocks) {
      if (block.kubernetes && block.kubernetes->manifests.empty())
        block.kubernetes->manifests = outside_manifests_;
    }
    apply_loop(env_.variable("TROUPE_LOOP").value_or(""));
    if (auto bad = apply_udp_size(env_.variable("TROUPE_UDP_SIZE").value_or("")))
      return bad;
    const auto address = env_.variable("TROUPE_ACTORS").value_or("");
    if (address.empty())
      return std::nullopt;
    auto parsed = parse_host_port(address, port_names_of(env_, "tcp"));
    if (auto* bad = std::get_if<std::string>(&parsed))
      return error_at({"TROUPE_ACTORS", 0}, *bad);
    outside_actors_ = page_address(std::get<host_port>(parsed));
    return std::nullopt;
  }

  void apply_loop(const std::string& wish) {
    if (!wish.empty() && wish != "report")
      plan_.warnings.push_back("TROUPE_LOOP: '" + wish + "' means nothing; 'report' keeps the process after a loop");
    for (auto& block : plan_.blocks) {
      if (block.loop)
        block.loop->report = wish == "report";
    }
  }

  failure apply_udp_size(const std::string& octets) {
    if (octets.empty())
      return std::nullopt;
    const auto number = parse_integer(octets);
    const long long* const size = std::get_if<long long>(&number);
    if (!size || *size < least_udp_octets || *size > most_udp_octets)
      return error_at({"TROUPE_UDP_SIZE", 0}, "size must be in range [" + std::to_string(least_udp_octets) + ", " +
                                                std::to_string(most_udp_octets) + "]: " + octets);
    plan_.udp_octets = static_cast<uint16_t>(*size);
    return std::nullopt;
  }

  static void add_once(std::vector<host_port>& all, const host_port& address) {
    if (std::find(all.begin(), all.end(), address) == all.end())
      all.push_back(address);
  }

  static void longest(std::optional<std::chrono::nanoseconds>& of, const std::optional<std::chrono::nanoseconds>& one) {
    if (one && (!of || *of < *one))
      of = one;
  }

  void gather_timeouts(const server_block& block) {
    if (!block.uses.contains("timeouts"))
      return;
    const auto& options = block.own<timeouts_options>("timeouts");
    longest(plan_.client_idle, options.idle);
    longest(plan_.client_slow, options.read);
    longest(plan_.client_slow, options.write);
  }

  void gather() {
    for (const auto& block : plan_.blocks) {
      if (block.health) {
        add_once(plan_.health, block.health->address);
        plan_.lameduck = std::max(plan_.lameduck, block.health->lameduck);
      }
      if (block.ready) {
        add_once(plan_.ready, block.ready->address);
        plan_.ready_continuously = block.ready->continuously; // the last block decides, as in CoreDNS
      }
      if (block.prometheus)
        add_once(plan_.prometheus, block.prometheus->address);
      if (block.reload)
        plan_.reload = block.reload;
      if (block.actors)
        add_once(plan_.actors, block.actors->address);
      gather_timeouts(block);
      plan_.debug |= block.uses.contains("debug");
      if (block.multisocket)
        plan_.loops = std::max(plan_.loops, block.multisocket->sockets);
    }
    if (plan_.actors.empty() && outside_actors_)
      plan_.actors.push_back(*outside_actors_);
    plan_.actors_named = !plan_.actors.empty();
    if (plan_.actors.empty())
      plan_.actors.push_back(actors_options{}.address);
  }

  plan& plan_;
  const environment& env_;
  std::vector<keyed_block> blocks_;
  std::vector<parse_error> missing_; // not built
  std::vector<std::string> outside_manifests_;
  std::optional<host_port> outside_actors_;
};

} // namespace

plan_result make_plan(const std::string& file, const std::string& text, const environment& env) {
  auto made = std::make_shared<plan>();
  auto bad = maker{*made, env}.run(file, text);
  plan_origin origin = *made;
  return {bad ? nullptr : std::move(made), std::move(bad), std::move(origin)};
}

} // namespace troupe::config
