// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/answer.hpp"
#include "net/zone/keeper.hpp"
#include "tests/net/zone/reading.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::zone::test {

kube::address ip(std::string_view text);
kube::service cluster_ip(std::string ns, std::string name, std::vector<std::string> ips, std::vector<kube::port> ports);
kube::service headless(std::string ns, std::string name, std::vector<kube::port> ports = {});
kube::service external(std::string ns, std::string name, std::string target);
/// The same with external addresses and names of a load balancer.
kube::service outside(kube::service s, std::vector<std::string> addresses, std::vector<std::string> names = {});
kube::endpoint endpoint(std::vector<std::string> ips, std::string hostname = {}, std::string pod = {});
kube::endpoint_slice slice(std::string ns, std::string service, std::string name, std::vector<kube::endpoint> endpoints,
                           std::vector<kube::port> ports = {});
kube::change upsert(decltype(kube::change::object) object);
kube::change removal(decltype(kube::change::object) object);
dns::name text_name(std::string_view text);
dns::query query_for(std::string_view name, dns::rrtype type);

/// Keepers, root and reverse table wired together without actors: what the actors do with messages happens at once.
class small_world {
public:
  zone::options how;

  small_world();
  void apply(const kube::change& change);
  void add_namespace(const std::string& name) { apply(upsert(kube::namespace_object{name, ""})); }
  /// Publishes everything.
  void build();
  void synced() { root_.synced(); }
  void touched(uint32_t seconds) { root_.touched(seconds); }

  struct reply {
    outcome what;
    std::string text; ///< message::summary
    message read;
    std::string target; ///< of an external alias
  };
  /// Asks as the actors would; negatives are written, nothing falls through.
  reply ask(std::string_view name, dns::rrtype type, size_t room = 4096, uint32_t rotate = 0) const;

  const zone::root& root() const { return *published_root_; }
  const zone::reverse_table& reverse() const { return *published_reverse_; }
  keeper& keeper_of(const std::string& ns);
  root_builder& builder() { return root_; }
  /// The keeper of `ns` dies with what it had not built; a new one goes on from the published table.
  void restart_keeper(const std::string& ns);
  void restart_reverse();

private:
  root_builder root_;
  reverse_keeper reverse_;
  pod_keeper pods_;
  std::map<std::string, keeper> imports_;
  std::map<std::string, keeper> keepers_;
  root_ptr published_root_ = std::make_shared<zone::root>();
  reverse_table_ptr published_reverse_ = std::make_shared<reverse_table>();
  pod_table_ptr published_pods_ = std::make_shared<pod_table>();
};

} // namespace troupe::zone::test
