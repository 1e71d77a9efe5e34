// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/type_name.hpp"

#include <string>
#include <string_view>

/// Puts `kind` and `apiVersion` into JSON that tests write without, where an API server writes them.
namespace troupe::test {

inline std::string type_members(kube::resource which, const char* more = "") {
  const auto type = kube::type_of(which);
  return R"("kind":")" + std::string{type.kind} + more + R"(","apiVersion":")" + std::string{type.api_version} + "\"";
}

/// A list: its first members, or nothing if `text` is no object.
inline std::string typed_list(std::string_view text, kube::resource which = kube::resource::service) {
  std::string out{text};
  if (const size_t at = out.find_first_not_of(" \n"); at != out.npos && out[at] == '{')
    out.insert(at + 1, type_members(which, "List") + (text.substr(at) == "{}" ? "" : ","));
  return out;
}

/// Events: the first members of each `object`.
inline std::string typed_events(std::string_view text, kube::resource which = kube::resource::service) {
  constexpr std::string_view begin = R"("object":{)";
  std::string out{text};
  for (size_t at = 0; (at = out.find(begin, at)) != out.npos;) {
    at += begin.size();
    out.insert(at, type_members(which) + (out.compare(at, 1, "}") == 0 ? "" : ","));
  }
  return out;
}

} // namespace troupe::test
