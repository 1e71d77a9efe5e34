// SPDX-License-Identifier: Apache-2.0
#include "net/kube/manifests.hpp"

#include "net/kube/credentials.hpp"
#include "net/kube/manifest_objects.hpp"

#include <algorithm>
#include <deque>
#include <filesystem>

#include <fmt/format.h>

namespace troupe::kube {

namespace {

namespace fs = std::filesystem;
constexpr size_t max_manifest_changes = 500; ///< in one chunk

bool is_manifest(const fs::path& path) {
  const auto end = path.extension();
  return end == ".yaml" || end == ".yml" || end == ".json";
}

/// Writes one resource's list in chunks.
class list_writer {
public:
  list_writer(resource resource, std::vector<chunk>& out) : resource_(resource), out_(out) {
    out_.push_back({chunk::what::list_begin, resource_, {}});
  }
  ~list_writer() { out_.push_back({chunk::what::list_end, resource_, {}}); }

  template <class Object>
  void add(Object object) {
    if (out_.back().kind != chunk::what::objects || out_.back().changes.size() == max_manifest_changes)
      out_.push_back({chunk::what::objects, resource_, {}});
    out_.back().changes.push_back({change::what::upsert, std::move(object)});
  }

private:
  resource resource_;
  std::vector<chunk>& out_;
};

/// Runs check() on everything and turns what is good into chunks.
class publisher {
public:
  publisher(manifest::collection& from, const manifest_selection& only, manifest_result& to)
    : from_(from), only_(only), to_(to) {}

  void publish() {
    {
      list_writer list(resource::namespace_object, to_.chunks);
      for (auto& [name, entry] : from_.namespaces)
        if (!only_.namespaces || only_.namespaces(entry.tags))
          list.add(namespace_object{name, {}});
    }
    auto made_up = make_up_slices(from_); // before the services are moved from
    {
      list_writer list(resource::service, to_.chunks);
      for (auto& [key, s] : from_.services)
        if (chosen(s.tags))
          add_service(s, list);
    }
    {
      list_writer list(resource::endpoint_slice, to_.chunks);
      for (auto& [key, slice] : from_.slices)
        if (chosen(slice.tags))
          add(std::move(slice.raw), slice.at, list);
      for (auto& slice : made_up) {
        auto& owner = from_.services.at({slice.meta.namespace_, slice.service});
        if (chosen(made_up_tags(owner, slice.service)))
          add(std::move(slice), owner.at, list);
      }
    }
    {
      list_writer list(resource::pod, to_.chunks);
      for (auto& [key, pod] : from_.pods)
        if (pod.running && chosen(pod.tags))
          add(raw_pod{pod.meta, {}, pod.addresses, {}, pod.terminating, labels_of(pod.tags)}, pod.at, list);
    }
    list_writer list(resource::service_import, to_.chunks);
    for (auto& [key, import] : from_.imports)
      if (auto checked = check(std::move(import.raw)); auto* bad = std::get_if<unusable>(&checked))
        from_.errors.push_back({import.at.file, import.at.line, bad->why});
      else
        list.add(std::get<0>(std::move(checked)));
  }

private:
  bool chosen(const label_map& tags) const { return !only_.objects || only_.objects(tags); }

  static std::vector<label> labels_of(const label_map& tags) {
    std::vector<label> out;
    for (auto& [key, value] : tags)
      out.push_back({key, value});
    return out;
  }

  static label_map made_up_tags(const manifest::service_object& owner, const std::string& name) {
    label_map tags = owner.tags;
    tags["kubernetes.io/service-name"] = name;
    tags["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io";
    return tags;
  }

  void add_service(manifest::service_object& s, list_writer& list) {
    std::string note;
    auto checked = check(std::move(s.raw), &note);
    if (!note.empty())
      from_.errors.push_back({s.at.file, s.at.line, note});
    if (auto* bad = std::get_if<unusable>(&checked))
      return from_.errors.push_back({s.at.file, s.at.line, bad->why});
    auto& good = std::get<0>(checked);
    for (auto& ip : good.cluster_ips)
      if (auto [found, is_new] = owners_.try_emplace(ip, s.at); !is_new)
        from_.errors.push_back({s.at.file, s.at.line,
                                fmt::format("clusterIP {} is taken by the Service at {}:{}", ip.to_text(),
                                            found->second.file, found->second.line)});
    list.add(std::move(good));
  }

  template <class Raw>
  void add(Raw&& raw, const manifest::place& at, list_writer& list) {
    std::string note;
    auto checked = check(std::move(raw), &note);
    if (auto* bad = std::get_if<unusable>(&checked))
      return from_.errors.push_back({at.file, at.line, bad->why});
    if (!note.empty())
      from_.errors.push_back({at.file, at.line, note});
    list.add(std::get<0>(std::move(checked)));
  }

  manifest::collection& from_;
  const manifest_selection& only_;
  manifest_result& to_;
  std::map<address, manifest::place> owners_;
};

} // namespace

std::vector<std::string> manifest_files(const std::string& path, std::vector<problem>& errors) {
  std::error_code error;
  if (!fs::is_directory(path, error))
    return {path};
  std::vector<std::string> found;
  for (fs::directory_iterator i(path, error), end; !error && i != end; i.increment(error))
    if (std::error_code no_file; is_manifest(i->path()) && i->is_regular_file(no_file))
      found.push_back(i->path().string());
  if (error)
    errors.push_back({path, 0, "cannot be read: " + error.message()});
  std::sort(found.begin(), found.end());
  return found;
}

manifest_result read_manifest_texts(std::span<const manifest_text> texts, const manifest_selection& only) {
  manifest::collection all;
  manifest_result result;
  for (auto& one : texts) {
    if (one.text.size() > max_manifest_octets) {
      all.errors.push_back({one.file, 0, fmt::format("is bigger than {} octets", max_manifest_octets)});
      continue;
    }
    auto parsed = yaml::parse(one.file, one.text);
    if (auto* bad = std::get_if<problem>(&parsed)) {
      all.errors.push_back(std::move(*bad));
      continue;
    }
    for (auto& document : std::get<0>(parsed))
      collect(one.file, *document, all);
  }
  make_up_pods(all);
  mirror_endpoints(all);
  make_up_addresses(all);
  if (all.errors.empty())
    publisher(all, only, result).publish();
  if (!all.errors.empty())
    result.chunks.clear();
  result.warnings = std::move(all.warnings);
  result.errors = std::move(all.errors);
  return result;
}

manifest_result read_manifests(std::span<const std::string> paths, const manifest_selection& only) {
  std::vector<problem> errors;
  std::deque<std::string> contents; // views into it must stay
  std::vector<manifest_text> texts;
  size_t octets = 0;
  for (auto& path : paths)
    for (auto& file : manifest_files(path, errors)) {
      if (texts.size() == max_manifest_files) {
        errors.push_back({file, 0, fmt::format("is one file more than {}", max_manifest_files)});
        break;
      }
      auto text = read_file(file, max_manifest_octets);
      if (auto* bad = std::get_if<problem>(&text)) {
        errors.push_back(std::move(*bad));
        continue;
      }
      octets += std::get<0>(text).size();
      if (octets > max_manifests_octets) {
        errors.push_back({file, 0, fmt::format("makes more than {} octets of all files", max_manifests_octets)});
        break;
      }
      texts.push_back({file, contents.emplace_back(std::get<0>(std::move(text)))});
    }
  auto result = read_manifest_texts(texts, only);
  result.errors.insert(result.errors.begin(), errors.begin(), errors.end());
  if (!result.errors.empty())
    result.chunks.clear();
  return result;
}

} // namespace troupe::kube
