// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/objects.hpp"

#include <optional>

namespace troupe::zone {

/// Names of a `multicluster` zone are made as those of Services are, from ServiceImports and the EndpointSlices that
/// belong to them: what a change means for a keeper of such a table, told as Services and their slices are. Nothing for
/// objects that have no part in it.
std::optional<kube::change> as_import(const kube::change& change);

} // namespace troupe::zone
