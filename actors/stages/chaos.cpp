// SPDX-License-Identifier: Apache-2.0
#include "config/directives/chaos.hpp"

#include "actors/questions/message_buffer.hpp"
#include "actors/runtime/host.hpp"
#include "actors/stages/stage_site.hpp"
#include "net/dns/response.hpp"

#include <algorithm>
#include <random>

namespace troupe {

namespace {

/// `chaos`: TXT of class CH (RFC 4892 section 2.1) for the names by which servers say what they are.
class chaos_stage final : public stage {
public:
  chaos_stage(const config::chaos_options& options, std::string host)
    : version_(options.version.empty() ? "Troupe-" TROUPE_VERSION : options.version), authors_(options.authors),
      host_(std::move(host)), random_(std::random_device{}()) {}

  std::string_view name() const noexcept override { return "chaos"; }
  other_classes with_other_classes() const noexcept override { return other_classes::serve; }

  step request(net::slot& slot, stage_scope& scope) override {
    const auto& asked = slot.query;
    if (asked.qclass != static_cast<uint16_t>(dns::rrclass::ch) || asked.type() != dns::rrtype::txt)
      return step::next;
    const auto texts = texts_of(dns::to_text(asked.name_lowered()));
    if (texts.empty())
      return step::next;
    dns::response out{scratch_message().first(dns::response_room(asked, slot.protocol)), asked};
    for (const auto& text : texts)
      write(out, text);
    scope.batch.keep(slot, out.bytes(), out.uncompressed_size());
    slot.rcode = dns::rcode::noerror;
    return step::answered;
  }

private:
  std::vector<std::string> texts_of(std::string_view name) {
    if (name == "version.bind." || name == "version.server.")
      return {version_};
    if (name == "hostname.bind." || name == "id.server.")
      return {host_};
    if (name != "authors.bind.")
      return {};
    std::ranges::shuffle(authors_, random_);
    return authors_;
  }

  static void write(dns::response& out, std::string_view text) {
    std::array<uint8_t, 256> data{static_cast<uint8_t>(text.size())};
    std::ranges::copy(text, data.begin() + 1);
    out.raw(dns::section::answer, dns::in_question(), static_cast<uint16_t>(dns::rrtype::txt),
            static_cast<uint16_t>(dns::rrclass::ch), 0, std::span{data}.first(text.size() + 1));
  }

  const std::string version_;
  std::vector<std::string> authors_;
  const std::string host_;
  std::minstd_rand random_;
};

} // namespace

void make_chaos(stage_site& site) {
  site.add<chaos_stage>(site.block.own<config::chaos_options>("chaos"), host::host_name());
}

} // namespace troupe
