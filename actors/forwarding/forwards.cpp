// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/forwards.hpp"

#include "actors/forwarding/forward.hpp"
#include "actors/forwarding/forward_front.hpp"
#include "actors/forwarding/upstream.hpp"
#include "actors/runtime/free_prefix.hpp"
#include "net/upstream_socket.hpp"

#include <algorithm>

namespace troupe {

forwards forwards::make(const config::plan& plan, const std::vector<forward_ptr>& living, size_t loops,
                        proxy_metrics& counts) {
  forwards out;
  net::read_upstream_ports();
  for (auto& block : plan.blocks)
    for (auto& options : block.forward) {
      const auto same = [wanted = options.identity()](auto& other) { return other->identity == wanted; };
      if (std::any_of(out.all.begin(), out.all.end(), same))
        continue;
      const auto found = std::find_if(living.begin(), living.end(), same);
      if (found != living.end()) {
        out.all.push_back(*found);
        continue;
      }
      out.fresh.push_back(std::make_shared<forward_group>(
        options, free_prefix(living, out.fresh, [](auto& f) { return f.prefix; }), loops, counts));
      out.all.push_back(out.fresh.back());
    }
  return out;
}

tree forward_children(const spawn_site& where, const forward_ptr& group) {
  tree out;
  const actor_identity core{group->named("forward"), "forward", "supervisor", 0};
  // The sockets of upstreams are on the loops in turn.
  const forward::upstream_maker make_upstream = [where, next = std::make_shared<size_t>(0),
                                                 &group = *group](const std::shared_ptr<upstream_state>& state) {
    const size_t loop = (*next)++ % where.loops.size();
    const actor_identity who{state->actor, "upstream", group.named("forward"), loop};
    auto made = where.make<upstream>(who, where.loops[loop], std::cref(group), state);
    made->fenced = [state](bool on) { state->fenced = on; };
    return made;
  };
  for (auto& state : group->upstreams())
    out.push_back(make_upstream(state));
  out.push_back(where.make<forward>(core, where.loops[0], std::ref(*group), make_upstream));
  for (size_t i = 0; i < where.loops.size(); ++i) {
    const actor_identity who{core.name + "/" + std::to_string(i), "forward-front", core.name, i};
    out.push_back(where.make<forward_front>(who, where.loops[i], std::ref(*group->on_loop[i])));
  }
  return out;
}

} // namespace troupe
