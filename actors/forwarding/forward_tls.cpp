// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/forward_tls.hpp"

#include "actors/runtime/log.hpp"
#include "config/read_whole.hpp"

#include <utility>

namespace troupe {

namespace {

using context_ptr = std::shared_ptr<const net::tls_context>;

/// Null, and that is logged: the texts were no good after all.
context_ptr context_from(const config::tls_texts& texts) {
  auto made = net::tls_context::for_clients({texts.certificate, texts.key, texts.authority});
  if (auto* good = std::get_if<context_ptr>(&made))
    return std::move(*good);
  log::error("plugin/forward: {}", std::get<std::string>(made));
  return nullptr;
}

config::environment only_files() {
  config::environment env;
  env.read = config::read_whole;
  return env;
}

} // namespace

forward_tls::forward_tls(const config::forward_options& options)
  : files_(options.tls), seen_(options.tls_content),
    client_(std::make_shared<net::tls_client>(context_from(options.tls_content))) {}

net::stream_opener forward_tls::connector(const config::forward_options& options,
                                          const config::upstream_source& to) const {
  std::string name = to.server_name.empty() ? options.tls_server_name : to.server_name;
  if (name.empty())
    name = to.address.host;
  return net::tls_connector(client_, std::move(name));
}

void forward_tls::follow_files() {
  if (!has_files())
    return;
  auto read = config::read_tls_files(files_, only_files());
  const auto* const texts = std::get_if<config::tls_texts>(&read);
  if (!texts) { // somebody may be writing them; said once, until they are good again
    if (seen_ != config::tls_texts{})
      log::warning("plugin/forward: {}; connections are made with what was there before", std::get<std::string>(read));
    seen_ = {};
    return;
  }
  if (*texts == seen_)
    return;
  seen_ = *texts;
  if (auto fresh = context_from(*texts)) {
    client_->change(std::move(fresh));
    log::info("plugin/forward: certificates from the changed files");
  }
}

} // namespace troupe
