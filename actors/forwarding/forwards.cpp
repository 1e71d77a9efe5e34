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
      if (std::any_of(out.here.begin(), out.here.end(), same))
        continue;
      const auto found = std::find_if(living.begin(), living.end(), same);
      if (found != living.end()) {
        out.here.push_back(*found);
        continue;
      }
      out.fresh.push_back(std::make_shared<forward_group>(
        options, free_prefix(living, out.fresh, [](auto& f) { return f.prefix; }), loops, counts));
      out.here.push_back(out.fresh.back());
    }
  return out;
}

tree forward_children(const spawn_site& where, const forward_ptr& of) {
  tree out;
  const actor_identity core{of->named("forward"), "forward", "supervisor", 0};
  // The sockets of upstreams are on the loops in turn.
  const forward::upstream_maker make_upstream = [where, next = std::make_shared<size_t>(0),
                                                 &of = *of](const std::shared_ptr<upstream_state>& which) {
    const size_t loop = (*next)++ % where.loops.size();
    const actor_identity who{which->actor, "upstream", of.named("forward"), loop};
    auto made = where.make<upstream>(who, where.loops[loop], std::cref(of), which);
    made->fenced = [which](bool on) { which->fenced = on; };
    return made;
  };
  for (auto& which : of->upstreams())
    out.push_back(make_upstream(which));
  out.push_back(where.make<forward>(core, where.loops[0], std::ref(*of), make_upstream));
  for (size_t i = 0; i < where.loops.size(); ++i) {
    const actor_identity who{core.name + "/" + std::to_string(i), "forward-front", core.name, i};
    out.push_back(where.make<forward_front>(who, where.loops[i], std::ref(*of->on_loop[i])));
  }
  return out;
}

} // namespace troupe
