// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/forward.hpp"
#include "net/tls_opener.hpp"

#include <memory>

namespace troupe {

/// What one `forward` shows and believes towards its upstreams with TLS, as its files have it: connections that are
/// made after a change of these are made with what is in them then. Files that hold no good change nothing. Thread:
/// made by main's, then follow_files by FORWARD's; what it gives is any loop's.
class forward_tls {
public:
  explicit forward_tls(const config::forward_options& options);

  /// Opens connections to that source, which has to have `tls`.
  net::stream_opener connector(const config::forward_options& options, const config::upstream_source& to) const;

  bool has_files() const noexcept { return files_ != config::tls_files{}; }
  void follow_files();

private:
  const config::tls_files files_;
  config::tls_texts seen_; ///< in the files, the last time, good or not
  std::shared_ptr<net::tls_client> client_;
};

} // namespace troupe
