// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/atoms.hpp"
#include "messages/query.hpp"
#include "net/kube/objects.hpp"
#include "net/zone/reverse.hpp"

/// How the cluster's objects become tables (design part 5): watchers -> namespaces -> zone keepers -> reverse keeper.
namespace troupe {

using chunk_ptr = std::shared_ptr<const kube::chunk>;

/// What a chunk says of one namespace, in its order. Nothing is copied: a first list is 100,000 endpoints.
struct namespace_changes {
  chunk_ptr all;
  std::vector<const kube::change*> mine; ///< into `all`
};

/// A list of a resource begins or ends for a keeper (mark and sweep).
struct list_mark {
  kube::resource resource;
  bool begins;
};

/// A keeper has published what a list said; PODS, which is of no namespace, says so with an empty one.
struct listed {
  std::string namespace_;
  kube::resource resource;
};

/// Rows of the reverse table: what changed, or all that a namespace has.
struct reverse_update {
  std::vector<zone::reverse_change> changes;
};
struct reverse_replacement {
  std::string namespace_;
  std::vector<zone::reverse_row> rows;
};

/// The namespace whose zone server is to be started again.
struct start_zone_server {
  zone::namespace_cell_ptr cell;
};

/// The namespace whose zone server is not to be started by questions.
struct fence_zone_server {
  zone::namespace_cell_ptr cell;
};

} // namespace troupe

TROUPE_LOCAL_MESSAGE(troupe::fence_zone_server)
TROUPE_LOCAL_MESSAGE(troupe::chunk_ptr)
TROUPE_LOCAL_MESSAGE(troupe::namespace_changes)
TROUPE_LOCAL_MESSAGE(troupe::list_mark)
TROUPE_LOCAL_MESSAGE(troupe::listed)
TROUPE_LOCAL_MESSAGE(troupe::reverse_update)
TROUPE_LOCAL_MESSAGE(troupe::reverse_replacement)
TROUPE_LOCAL_MESSAGE(troupe::start_zone_server)
TROUPE_LOCAL_MESSAGE(troupe::kube::resource)

namespace troupe {

/// A WATCHER: services-watcher, endpoints-watcher, namespaces-watcher, pods-watcher or imports-watcher.
using watcher_actor = protocol<
  // From the source's own thread: a chunk of objects, in order.
  caf::result<void>(chunk_ptr),
  // From NAMESPACES: one chunk was dealt with, the next may come.
  caf::result<void>(grant_atom),
  // From NAMESPACES, when a keeper lost what it knew: list everything once more.
  caf::result<void>(relist_atom)>;

/// NAMESPACES routes objects to the keeper of their namespace and owns the root.
using namespaces_actor = protocol<
  // From a WATCHER: objects, or a list begins or ends. Granted back when dealt with.
  caf::result<void>(chunk_ptr),
  // From a zone KEEPER: what a list said is published; after the last one the root counts as synced.
  caf::result<void>(listed),
  // From a zone KEEPER: an answer changed, the SOA serial moves on.
  caf::result<void>(altered_atom),
  // From the SUPERVISOR: the keeper of that namespace was started again and needs to be told everything.
  caf::result<void>(resync_atom, std::string),
  // From itself: a serial is due.
  caf::result<void>(number_atom),
  // From itself: publish what changed.
  caf::result<void>(publish_atom),
  // From itself: end the keepers of namespaces that went.
  caf::result<void>(idle_atom),
  // From an actor that answers from the root and got an exception: is the root whole? If not NAMESPACES fails, and its
  // successor makes another.
  caf::result<void>(verify_atom)>;

/// The zone KEEPER of one namespace owns its objects and publishes its table.
using zone_keeper_actor = protocol<
  // From NAMESPACES: objects of this namespace that came, changed or went.
  caf::result<void>(namespace_changes),
  // From NAMESPACES: a list begins or ends. The end is answered with `listed` once it is published.
  caf::result<void>(list_mark),
  // From the REVERSE keeper, which was started again: all rows are to be told once more, as a `reverse_replacement`.
  caf::result<void>(rows_atom),
  // From itself: publish what changed.
  caf::result<void>(publish_atom),
  // From a zone server that got an exception: is the table whole? If not the keeper fails, and its successor makes
  // another.
  caf::result<void>(verify_atom)>;

/// The PODS actor owns the table of Pods by address; only where some block has `pods verified`.
using pods_actor = protocol<
  // From NAMESPACES: Pods, or a list of them begins or ends. The end is answered with `listed` once it is published.
  caf::result<void>(chunk_ptr),
  // From itself: publish what changed.
  caf::result<void>(publish_atom),
  // From an APEX that got an exception: is the table whole? If not the actor fails, and its successor makes another.
  caf::result<void>(verify_atom)>;

/// The REVERSE keeper owns the table of addresses.
using reverse_keeper_actor = protocol<
  // From a zone KEEPER: rows that came and went.
  caf::result<void>(reverse_update),
  // From a zone KEEPER that was started again or asked for them: all rows it has.
  caf::result<void>(reverse_replacement),
  // From itself: publish what changed.
  caf::result<void>(publish_atom),
  // From its timer: wait no longer for the rows that were asked for. The number only tells this message from the last.
  caf::result<void>(publish_atom, uint64_t),
  // From a reverse server or an APEX that got an exception: is the table whole? If not the keeper fails, and its
  // successor makes another.
  caf::result<void>(verify_atom)>;

/// The APEX of one loop answers what belongs to no namespace's objects and starts zone servers.
using apex_actor = protocol<
  // From the LISTENER: questions for the apex, or for namespaces without a zone server on this loop.
  caf::result<void>(queries),
  // From the SUPERVISOR: a zone server ended in error; it is started again.
  caf::result<void>(start_zone_server),
  // From the SUPERVISOR: the zone server of that namespace failed too often; until it is started again questions for it
  // are SERVFAIL at once.
  caf::result<void>(fence_zone_server),
  // From its timer: stop zone servers nobody asked for a while.
  caf::result<void>(idle_atom)>;

} // namespace troupe
