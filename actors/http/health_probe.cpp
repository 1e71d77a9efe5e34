// SPDX-License-Identifier: Apache-2.0
#include "actors/http/health_probe.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>

namespace troupe {

health_probe::health_probe(std::string host, uint16_t port, server_metrics& counts)
  : host_(host.empty() || host == "localhost" ? "127.0.0.1" : std::move(host)), port_(port), counts_(counts),
    thread_([this] { run(); }) {}

health_probe::~health_probe() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void health_probe::run() {
  std::unique_lock lock{mutex_};
  while (!wake_.wait_for(lock, period, [this] { return stopping_; })) {
    lock.unlock();
    const auto began = std::chrono::steady_clock::now();
    const bool answered = ask();
    counts_.health_probe(std::chrono::steady_clock::now() - began, !answered);
    lock.lock();
  }
}

bool health_probe::ask() const {
  try {
    Poco::Net::HTTPClientSession session{host_, port_};
    session.setTimeout(Poco::Timespan{timeout.count(), 0});
    Poco::Net::HTTPRequest request{Poco::Net::HTTPRequest::HTTP_GET, "/health"};
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    session.receiveResponse(response);
    return response.getStatus() == Poco::Net::HTTPResponse::HTTP_OK;
  } catch (const Poco::Exception&) {
    return false;
  }
}

} // namespace troupe
