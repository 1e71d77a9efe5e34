// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/http_server.hpp"

#include <string_view>

#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerParams.h>

namespace troupe {

/// Answers requests with Poco's HTTP server, from memory to memory: no thread waits in it for a client. Thread: one.
class request_answers {
public:
  /// `bound`: the host listened on, for http_hosts::own.
  request_answers(http_routes routes, http_hosts hosts, std::string bound);
  request_answers(request_answers&&) noexcept;
  ~request_answers();

  struct answered {
    std::string text; ///< header and body; empty if it was no request and gets none
    bool last = true; ///< the connection ends with it
  };

  /// The answer to `request`, whose header is whole. `descriptor`: its connection, of which nothing is read or written.
  answered answer(int descriptor, std::string_view request);

  /// Whoever asked before this gets the same page as all others who did; who asks from now on gets a new one.
  void begin_anew();

private:
  class page_handlers;

  Poco::Net::HTTPServerParams::Ptr params_;
  Poco::SharedPtr<page_handlers> handlers_;
};

/// The answer to a request whose header is larger than http_limits::header.
std::string_view too_large_answer();

} // namespace troupe
