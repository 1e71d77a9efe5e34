// SPDX-License-Identifier: Apache-2.0
#include "net/kube/api_client.hpp"
#include "net/kube/reflector.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <mutex>

#include <fmt/format.h>

using namespace troupe::kube;

namespace {

std::mutex out_mutex;
const auto begin = std::chrono::steady_clock::now();

void print(const std::string& text) {
  std::lock_guard lock(out_mutex);
  const auto ms =
    std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
  std::cout << fmt::format("{:>7} ms {}", ms, text) << std::endl;
}

std::string text(const chunk& c) {
  if (c.kind == chunk::what::list_begin)
    return fmt::format("{}: list begins", plural(c.resource));
  if (c.kind == chunk::what::list_end)
    return fmt::format("{}: list is whole", plural(c.resource));
  std::string out = fmt::format("{}: {} changes", plural(c.resource), c.changes.size());
  for (size_t i = 0; i < c.changes.size() && i < 5; ++i)
    std::visit(
      [&](auto& object) {
        out += fmt::format(" {}{}", c.changes[i].kind == change::what::remove ? "-" : "+", object.name);
      },
      c.changes[i].object);
  return out;
}

} // namespace

/// kube_watch KUBECONFIG [SECONDS] [plain]: prints what the API client emits. `plain`: no streaming lists.
int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: kube_watch KUBECONFIG [SECONDS] [plain]\n";
    return 2;
  }
  auto read = read_kubeconfig(argv[1], "");
  if (auto* bad = std::get_if<problem>(&read)) {
    std::cerr << bad->to_text() << "\n";
    return 1;
  }
  auto& server = std::get<api_server>(read);
  if (auto bad = use_environment(server, [](const char* name) { return std::getenv(name); })) {
    std::cerr << *bad << "\n";
    return 1;
  }
  api_options options;
  options.streaming_list = argc < 4;
  options.user_agent = "Troupe/kube_watch";
  api_client* self = nullptr;
  api_callbacks callbacks;
  callbacks.on_chunk = [&self](chunk&& c) {
    print(text(c));
    self->grant(c.resource, 1);
  };
  callbacks.on_synced = [](resource which) { print(fmt::format("{}: synced", plural(which))); };
  callbacks.on_log = [](severity, const std::string& line) { print("log: " + line); };
  callbacks.on_request = [](const request_report& r) { print(fmt::format("{} {} {}", r.verb, r.host, r.code)); };
  api_client client(server, options, callbacks);
  self = &client;
  for (auto which : all_resources)
    client.grant(which, 8);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr); // before the client's thread, so that it inherits the mask
  client.start();
  const timespec limit{argc > 2 ? std::atoi(argv[2]) : 3600, 0};
  sigtimedwait(&signals, nullptr, &limit);
  client.stop();
}
