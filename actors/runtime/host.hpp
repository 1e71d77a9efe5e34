// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/objects.hpp"

#include <functional>
#include <ifaddrs.h>
#include <string>
#include <vector>

/// What the server needs to know of the machine it runs on.
namespace troupe::host {

inline constexpr size_t most_loops = 8;

/// Loops when nobody says otherwise: the least of the affinity mask, the quotas of the cgroup and of those above it
/// rounded up, and 8.
size_t default_loops();

/// CPUs by quotas of cgroups, the least; 0: no limit. `own`: /proc/self/cgroup, whose paths are those of the machine
/// or, in a container, end at its own `/`. `first_line`: of a file, empty without one.
size_t cgroup_cpus(std::istream& own, const std::function<std::string(const std::string&)>& first_line);

/// CPUs that a cgroup v2 `cpu.max` line grants, rounded up; 0: no limit or not readable.
size_t quota_cpus(const std::string& cpu_max);

/// Opens /dev/null where descriptors 0 to 2 are closed, as Go does: a socket that got such a number would be sent the
/// log. Before anything is opened.
void open_standard_descriptors() noexcept;

/// Bounds the allocator's arenas: with one for each thread, of what a first list takes on its way a fifth stays behind
/// in holes. One for two loops, and two at least: answers from the cluster's tables allocate nothing. Before threads
/// start.
void bound_arenas(size_t loops) noexcept;

/// Much memory was or will be freed at once: what a list took on its way. Any thread.
void expect_free_memory() noexcept;

/// A while after that, gives what is free back to the system; the allocator by itself keeps it. Takes the allocator's
/// locks one after the other, for about a millisecond each with tens of MB. For a thread that may wait, from time to
/// time.
void give_back_memory() noexcept;

/// `localhost` if the system does not say. At most 255 octets.
std::string host_name();

/// Addresses of all interfaces, without loopback addresses. Others of the loopback interface count: anycast services
/// have theirs there.
std::vector<kube::address> local_addresses();

/// The same of a list that the system gave.
std::vector<kube::address> host_addresses(const ifaddrs* all);

/// 127.0.0.0/8 or ::1.
bool is_loopback(const kube::address& a);

} // namespace troupe::host
