// SPDX-License-Identifier: Apache-2.0
#include "actors/serving/view_filter.hpp"

#include "actors/questions/client.hpp"
#include "config/prefix.hpp"
#include "net/dns/response.hpp"
#include "net/dns/text.hpp"

#include <algorithm>

namespace troupe {

namespace {

using config::view_function;
using expressions::value;

std::variant<value, std::string> is_in_network(const std::string& address, const std::string& network) {
  const auto host = address.find('/') == address.npos ? config::prefix::from_text(address) : std::nullopt;
  if (!host)
    return "first argument is not an IP address";
  const auto net = network.find('/') == network.npos ? std::nullopt : config::prefix::from_text(network);
  if (!net)
    return "invalid CIDR address: " + network;
  return value{net->holds(host->octets, host->v6)};
}

/// What `type()`, `client_ip()`, … say of one question, in CoreDNS's words.
class question_facts final : public expressions::host {
public:
  question_facts(const net::slot& slot, const config::listener_plan& listener, const block_labels* labels)
    : slot_(slot), listener_(listener), labels_(labels) {}

  std::variant<value, std::string> call(size_t function, std::span<const value> arguments) override {
    const auto which = static_cast<view_function>(function);
    if (which == view_function::incidr)
      return is_in_network(*arguments[0].get<std::string>(), *arguments[1].get<std::string>());
    if (which == view_function::metadata)
      return value{label(*arguments[0].get<std::string>())};
    return value_of(which);
  }

private:
  std::string label(const std::string& name) const {
    return labels_ ? labels_->find(name, slot_).value_or("") : std::string{};
  }

  value value_of(view_function which) const {
    const dns::query& asked = slot_.query;
    switch (which) {
    case view_function::incidr:
    case view_function::metadata:
      break; // they have arguments
    case view_function::type:
      return {dns::type_text(asked.qtype)};
    case view_function::name:
      return {dns::to_text(asked.name_lowered())};
    case view_function::class_name:
      return {dns::class_text(asked.qclass)};
    case view_function::proto:
      return {std::string{slot_.protocol == net::protocol::udp ? "udp" : "tcp"}};
    case view_function::size:
      return {int64_t{asked.message_octets}};
    case view_function::client_ip:
      return {client_text(slot_.from)};
    case view_function::port:
      return {std::to_string(port_of(slot_.from))};
    case view_function::id:
      return {int64_t{asked.id}};
    case view_function::opcode:
      return {static_cast<int64_t>(asked.op())};
    case view_function::dnssec_ok:
      return {asked.edns.dnssec_ok};
    case view_function::bufsize:
      return {static_cast<int64_t>(dns::client_limit(asked, slot_.protocol))};
    case view_function::server_ip:
      return {server_text(slot_.from, listener_.host)};
    case view_function::server_port:
      return {std::to_string(listener_.port)};
    }
    return {};
  }

  const net::slot& slot_;
  const config::listener_plan& listener_;
  const block_labels* labels_;
};

} // namespace

bool is_in_view(const config::view_options& view, const net::slot& slot, const config::listener_plan& listener,
                const block_labels* labels) {
  question_facts facts{slot, listener, labels};
  return std::ranges::all_of(view.conditions, [&](const expressions::expression& condition) {
    const auto result = condition.run(facts);
    const auto* said = std::get_if<value>(&result);
    const bool* const holds = said ? said->get<bool>() : nullptr;
    return holds && *holds;
  });
}

} // namespace troupe
