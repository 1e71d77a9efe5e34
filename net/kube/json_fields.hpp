// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/decode_rules.hpp"

#include <simdjson.h>

/// The fields that DNS needs, out of a parsed JSON object. Of duplicate keys the last counts, as in Go's encoding/json;
/// a field of the wrong type is as if absent, and what is then missing is found by check(). Internal to net/kube.
namespace troupe::kube::json {

object_metadata read_metadata(simdjson::dom::element object);
list_end read_list_end(simdjson::dom::element list);
raw_service read_service(simdjson::dom::element object, raw_meta names);
raw_slice read_slice(simdjson::dom::element object, object_metadata&& meta, const kept& keep);
raw_pod read_pod(simdjson::dom::element object, object_metadata&& meta, const kept& keep);
raw_import read_import(simdjson::dom::element object, raw_meta names);
api_failure read_status(simdjson::dom::element object);

using maybe_element = std::optional<simdjson::dom::element>;

/// The member of that name, the last one if there are several.
maybe_element member(maybe_element object, std::string_view key);

/// The string, or an empty one if it is none.
std::string text(maybe_element value);

} // namespace troupe::kube::json
