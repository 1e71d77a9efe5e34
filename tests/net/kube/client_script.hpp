// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/net/kube/client_fixture.hpp"

#include <functional>
#include <string>
#include <vector>

/// What the scripted API server answers, step by step.
namespace troupe::test {

using kube::resource;

/// Plays `steps` to the requests for services in their order, then lists nothing and watches in silence. Audits find
/// nothing wrong.
class script {
public:
  using step = std::function<void(const scripted_request&, scripted_peer&)>;
  explicit script(std::vector<step> steps) : steps_(std::move(steps)) {}

  void operator()(const scripted_request& request, scripted_peer& peer) {
    if (request.asks("limit=1&"))
      return (void)peer.whole(200, list("999", {}, "more", asked(request)));
    if (request.asks("/services") && next_ < steps_.size())
      return steps_[next_++](request, peer);
    request.asks("watch=1") ? (void)(peer.head(200) && peer.hold())
                            : (void)peer.whole(200, list("1", {}, "", asked(request)));
  }

private:
  std::vector<step> steps_;
  size_t next_ = 0;
};

inline script::step whole(std::string body, int status = 200, std::string headers = {}) {
  return [=](auto&, auto& peer) { peer.whole(status, body, headers); };
}

/// A watch that sends `body` and stays open.
inline script::step stream(std::string body) {
  return [=](auto&, auto& peer) { peer.head(200) && peer.chunk(body) && peer.hold(); };
}

inline script::step reset() {
  return [](auto&, auto& peer) { peer.reset(); };
}

} // namespace troupe::test
