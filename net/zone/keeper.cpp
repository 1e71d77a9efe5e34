// SPDX-License-Identifier: Apache-2.0
#include "net/zone/keeper.hpp"

#include "net/zone/reverse_rows.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

namespace troupe::zone {

namespace {

bool same_outside(const service_part& a, const service_part& b) noexcept {
  if (!a.outside || !b.outside)
    return !a.outside == !b.outside;
  return a.outside->addresses == b.outside->addresses &&
         std::ranges::equal(a.outside->names, b.outside->names, [](const dns::name& x, const dns::name& y) {
           return std::ranges::equal(x.wire(), y.wire());
         });
}

bool equal(const service_part& a, const service_part& b) noexcept {
  const bool same_target =
    !a.external == !b.external && (!a.external || std::ranges::equal(a.external->wire(), b.external->wire()));
  return same_target && a.type == b.type && a.cluster_ips == b.cluster_ips && a.ports == b.ports && same_outside(a, b);
}

bool same_extras(const slice_part& a, const slice_part& b) noexcept {
  return !a.extras == !b.extras && (!a.extras || *a.extras == *b.extras);
}

bool equal(const slice_part& a, const slice_part& b) noexcept {
  return a.service == b.service && a.ports == b.ports && a.endpoints == b.endpoints && a.text == b.text &&
         same_extras(a, b);
}

/// Unlike any other list's of any keeper: marks outlive the keeper that made them.
uint32_t next_list() noexcept {
  static std::atomic<uint32_t> lists{0};
  uint32_t number = 0;
  while (number == 0)
    number = lists.fetch_add(1, std::memory_order_relaxed) + 1;
  return number;
}

/// Names come checked; this only keeps a slip elsewhere from making a name that does not fit its buffer.
bool is_label(const std::string& text) noexcept {
  return !text.empty() && text.size() <= dns::max_label_octets;
}

} // namespace

keeper::keeper(std::string namespace_, table_ptr last, const kube::kept& keep)
  : namespace_(std::move(namespace_)), keep_(keep), current_(last ? std::move(last) : std::make_shared<const table>()) {
  current_->for_each([&](const service_records_ptr& r) { slices_.insert(r->slices().begin(), r->slices().end()); });
}

keeper::work& keeper::touch(const std::string& service) {
  auto [at, fresh] = touched_.try_emplace(service);
  if (fresh)
    if (const service_records_ptr* found = current_->find(octets_of(service)))
      at->second = {(*found)->service(), (*found)->slices()};
  return at->second;
}

void keeper::apply(const kube::change& change) {
  std::visit(
    [&](const auto& object) {
      using type = std::decay_t<decltype(object)>;
      if constexpr (std::is_same_v<type, kube::service> || std::is_same_v<type, kube::endpoint_slice>) {
        if (object.namespace_ != namespace_)
          return;
        if (change.kind == kube::change::what::upsert)
          upsert(object);
        else if constexpr (std::is_same_v<type, kube::service>)
          remove_service(object.name);
        else
          remove_slice(object.name);
      }
    },
    change.object);
}

void keeper::upsert(const kube::service& service) {
  if (!is_label(service.name))
    return;
  service_part_ptr part = make_service_part(service, keep_.external);
  part->list = service_list_;
  if (!touched_.contains(service.name))
    if (const service_records_ptr* found = current_->find(octets_of(service.name)))
      if ((*found)->service() && equal(*(*found)->service(), *part)) {
        (*found)->service()->list = service_list_;
        return;
      }
  work& w = touch(service.name);
  alters_dns_ |= !w.service || !equal(*w.service, *part);
  w.service = std::move(part);
}

void keeper::upsert(const kube::endpoint_slice& slice) {
  if (!is_label(slice.service)) // nobody's: it can be in no answer
    return remove_slice(slice.name);
  slice_part_ptr part = make_slice_part(slice, keep_);
  part->list = slice_list_;
  const auto known = slices_.find(std::string_view{slice.name});
  if (known != slices_.end()) {
    const slice_part_ptr before = *known;
    if (equal(*before, *part)) {
      before->list = slice_list_;
      return;
    }
    take_out(before);
  }
  alters_dns_ = true;
  auto& in = touch(slice.service).slices;
  in.insert(std::ranges::upper_bound(in, part->name, {}, [](const slice_part_ptr& s) { return s->name; }), part);
  slices_.insert(std::move(part));
}

void keeper::take_out(const slice_part_ptr& slice) {
  std::erase(touch(slice->service).slices, slice);
  slices_.erase(slice);
}

void keeper::verify(const table& services) {
  services.for_each([](const service_records_ptr& r) {
    if (!r || !is_label(std::string{r->label()}))
      throw std::logic_error("a table holds what is no service");
    for (auto& slice : r->slices())
      if (!slice)
        throw std::logic_error("a table holds a service with a slice that is none");
  });
}

std::optional<kube::service::kind> keeper::kind_of(const std::string& service) const {
  const auto open = touched_.find(service);
  const service_records_ptr* found = current_->find(octets_of(service));
  const service_part_ptr part = open != touched_.end() ? open->second.service : found ? (*found)->service() : nullptr;
  return part ? std::optional{part->type} : std::nullopt;
}

void keeper::remove_service(const std::string& name) {
  const service_records_ptr* found = current_->find(octets_of(name));
  const auto open = touched_.find(name);
  const bool there = open != touched_.end() ? open->second.service != nullptr : found && (*found)->service();
  if (!there)
    return;
  touch(name).service = nullptr;
  alters_dns_ = true;
}

void keeper::remove_slice(const std::string& name) {
  const auto known = slices_.find(std::string_view{name});
  if (known == slices_.end())
    return;
  take_out(slice_part_ptr{*known});
  alters_dns_ = true;
}

void keeper::list_begin(kube::resource resource) {
  if (resource == kube::resource::service)
    service_list_ = next_list();
  else if (resource == kube::resource::endpoint_slice)
    slice_list_ = next_list();
}

void keeper::list_end(kube::resource resource) {
  std::vector<std::string> gone;
  if (resource == kube::resource::service && service_list_ != 0) {
    current_->for_each([&](const service_records_ptr& r) {
      if (!touched_.contains(r->label()) && r->service() && r->service()->list != service_list_)
        gone.push_back(r->label());
    });
    for (const auto& [name, w] : touched_)
      if (w.service && w.service->list != service_list_)
        gone.push_back(name);
    for (const std::string& name : gone)
      remove_service(name);
    service_list_ = 0;
  }
  if (resource == kube::resource::endpoint_slice && slice_list_ != 0) {
    for (const slice_part_ptr& s : slices_)
      if (s->list != slice_list_)
        gone.push_back(s->name);
    for (const std::string& name : gone)
      remove_slice(name);
    slice_list_ = 0;
  }
}

keeper::built keeper::build() {
  built made;
  made.alters_dns = std::exchange(alters_dns_, false);
  if (touched_.empty())
    return made;
  table::editor edit{*current_};
  for (auto& [label, w] : touched_) {
    const service_records_ptr* found = current_->find(octets_of(label));
    const service_records_ptr before = found ? *found : nullptr;
    service_records_ptr after;
    if (w.service || !w.slices.empty())
      after = std::make_shared<const service_records>(label, std::move(w.service), std::move(w.slices));
    reverse_difference(namespace_, before.get(), after.get(), made.reverse);
    if (after)
      edit.put(std::move(after));
    else if (before)
      edit.erase(octets_of(label));
  }
  touched_.clear();
  made.table = current_ = std::make_shared<const table>(std::move(edit).build());
  return made;
}

std::vector<reverse_row> keeper::reverse_rows() const {
  std::vector<reverse_change> changes;
  current_->for_each([&](const service_records_ptr& r) { reverse_difference(namespace_, nullptr, r.get(), changes); });
  std::vector<reverse_row> rows;
  rows.reserve(changes.size());
  for (reverse_change& c : changes)
    rows.push_back(std::move(c.row));
  return rows;
}

} // namespace troupe::zone
