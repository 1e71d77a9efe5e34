// SPDX-License-Identifier: Apache-2.0
#include "config/directives/hosts.hpp"

#include "actors/questions/message_buffer.hpp"
#include "actors/runtime/log.hpp"
#include "actors/stages/stage_site.hpp"
#include "net/dns/response.hpp"
#include "net/endpoint.hpp"
#include "net/hosts/hosts_table.hpp"
#include "net/zone/published.hpp"
#include "net/zone/question.hpp"

namespace troupe {

namespace {

/// What a file says, and the lines of the Corefile beside it, which never change.
class hosts_file final : public watched_file {
public:
  hosts_file(const config::hosts_options& options, stage_counters& counts)
    : watched_file(options.reload), options_(options), text_(options.path), counts_(counts),
      lines_(table_of(options.lines)) {}

  void look() override {
    const auto text = text_.read();
    if (!text)
      return;
    if (const auto* failed = std::get_if<config::environment::unreadable>(&*text))
      return log::warning("plugin/hosts: {} cannot be read, what is known stays: {}", text_.path(), failed->reason);
    const auto table = std::make_shared<const hosts::hosts_table>(table_of(std::get<std::string>(*text)));
    counts_.set(
      {"coredns_hosts_entries", "The combined number of entries in hosts and Corefile.", {{"hostsfile", text_.path()}}},
      static_cast<double>(table->size() + lines_.size()));
    counts_.set({"coredns_hosts_reload_timestamp_seconds", "The timestamp of the last reload of hosts file.", {}},
                static_cast<double>(text_.changed_ns()) / 1e9);
    file_.publish(table);
  }

  const zone::published<hosts::hosts_table>& file() const noexcept { return file_; }
  const hosts::hosts_table& lines() const noexcept { return lines_; }

private:
  hosts::hosts_table table_of(const std::string& text) const {
    return {text, [this](dns::name_view name) { return options_.zone_of.longest(name) != config::zone_index::none; }};
  }

  const config::hosts_options options_;
  changing_text text_;
  stage_counters& counts_;
  const hosts::hosts_table lines_;
  zone::published<hosts::hosts_table> file_{std::make_shared<const hosts::hosts_table>()};
};

/// `hosts`: addresses of names, and names of addresses, from a file.
class hosts_stage final : public stage {
public:
  /// `ttl`: seconds, of all records.
  hosts_stage(const config::hosts_options& options, uint32_t ttl, std::shared_ptr<const hosts_file> source)
    : options_(options), ttl_(ttl), source_(std::move(source)), file_(source_->file()) {}

  std::string_view name() const noexcept override { return "hosts"; }

  step request(net::slot& slot, stage_scope& scope) override {
    const dns::name_view asked = slot.query.name_lowered();
    const auto type = slot.query.type();
    if (options_.zone_of.longest(asked) == config::zone_index::none && type != dns::rrtype::ptr)
      return step::next;
    dns::response out{scratch_message().first(dns::response_room(slot.query, slot.protocol)), slot.query};
    out.authoritative();
    const bool address = type == dns::rrtype::a || type == dns::rrtype::aaaa;
    if (type == dns::rrtype::ptr) {
      if (!write_names(asked, out))
        return step::next;
    } else if (address) {
      write_addresses(asked, type == dns::rrtype::aaaa, out);
    } else if (options_.fall_through_unsupported && falls_through(asked)) {
      return step::next;
    }
    if (out.count(dns::section::answer) == 0 && !knows(asked)) {
      if (falls_through(asked))
        return step::next;
      net::answer_code(scope.batch, slot, dns::rcode::servfail); // without a SOA nobody can deny
      return step::answered;
    }
    scope.batch.keep(slot, out.bytes(), out.uncompressed_size());
    slot.rcode = dns::rcode::noerror;
    return step::answered;
  }

private:
  bool falls_through(dns::name_view asked) const noexcept {
    return options_.fall_through && options_.fall_through_zones.longest(asked) != config::zone_index::none;
  }

  template <class F>
  void each_address(dns::name_view asked, bool v6, F&& found) {
    file_.get()->addresses(asked, v6, found);
    source_->lines().addresses(asked, v6, found);
  }

  bool knows(dns::name_view asked) {
    bool any = false;
    for (const bool v6 : {false, true})
      each_address(asked, v6, [&](auto&) { any = true; });
    return any;
  }

  void write_addresses(dns::name_view asked, bool v6, dns::response& out) {
    each_address(asked, v6, [&](const hosts::host_address& each) {
      std::span<const uint8_t> octets{each.octets};
      out.raw(dns::section::answer, dns::in_question(), static_cast<uint16_t>(v6 ? dns::rrtype::aaaa : dns::rrtype::a),
              static_cast<uint16_t>(dns::rrclass::in), ttl_, octets.first(v6 ? 16 : 4));
    });
  }

  bool write_names(dns::name_view asked, dns::response& out) {
    kube::address client;
    if (!options_.reverse || !zone::read_reverse_name(asked, client))
      return false;
    const hosts::host_address address{client.octets, client.v6};
    bool any = false;
    const auto write = [&](dns::name_view name) {
      any = true;
      out.name_data(dns::section::answer, dns::in_question(), dns::rrtype::ptr, ttl_, {name.first(name.size() - 1)});
    };
    file_.get()->names(address, write);
    source_->lines().names(address, write);
    return any;
  }

  const config::hosts_options& options_; ///< the plan's
  const uint32_t ttl_;
  const std::shared_ptr<const hosts_file> source_;
  zone::reader<hosts::hosts_table> file_;
};

/// What a file says is always current and needs no cache; but as in CoreDNS a `cache` says how long others may keep it.
uint32_t ttl_of(const config::server_block& block, uint32_t ttl) {
  return block.cache ? std::min(ttl, block.cache->success.max_ttl) : ttl;
}

} // namespace

void make_hosts(stage_site& site) {
  const auto& options = site.block.own<config::hosts_options>("hosts");
  auto& counts = site.resources.counts.stages;
  site.add<hosts_stage>(options, ttl_of(site.block, options.ttl),
                        site.resources.files->get<hosts_file>(options.identity(), options, counts));
}

} // namespace troupe
