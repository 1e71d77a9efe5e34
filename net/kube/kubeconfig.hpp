// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/problem.hpp"
#include "net/kube/proxy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// Where the API server is and how to be let in: from a kubeconfig file, from the pod's service account, or from the
/// Corefile's `endpoint` and `tls`.
namespace troupe::kube {

/// PEM text either at hand or in a file that is read again when it may have been renewed; both empty: none.
struct pem_source {
  std::string text;
  std::string file;

  bool empty() const { return text.empty() && file.empty(); }
  bool operator==(const pem_source&) const = default;
};

struct api_server {
  std::string origin; ///< for messages: "kubeconfig FILE context NAME", "in-cluster", "endpoint URL"; and the proxy, if
                      ///< there is one
  std::string host;   ///< name or address, IPv6 without brackets
  uint16_t port = 443;
  std::string path; ///< prefix of every request, "" or "/k8s/clusters/a"; no slash at the end
  bool tls = true;
  bool insecure = false;   ///< accept any certificate (kubeconfig `insecure-skip-tls-verify`)
  std::string server_name; ///< name or address that the certificate must carry; empty: `host`
  pem_source authority;    ///< empty: the system's
  pem_source certificate, key;
  std::string token;            ///< bearer token; empty: none
  std::string token_file;       ///< read again every minute and after a 401; wins over `token`
  std::optional<proxy> through; ///< from a kubeconfig's `proxy-url`; the environment's: use_environment()

  bool operator==(const api_server&) const = default;
};

using api_server_result = std::variant<api_server, problem>;

/// `kubeconfig FILE [CONTEXT]`: an empty `context` means the file's current-context. Relative paths in the file are
/// relative to its folder. Users with `exec` or `auth-provider` are refused with the reason. Blocks on the disk.
api_server_result read_kubeconfig(const std::string& file, const std::string& context);

/// The same from memory; `file` is for messages and for relative paths.
api_server_result parse_kubeconfig(const std::string& file, std::string_view text, const std::string& context);

/// In a pod: KUBERNETES_SERVICE_HOST and _PORT, token and CA from `folder`.
api_server_result in_cluster(const std::string& folder = "/var/run/secrets/kubernetes.io/serviceaccount");

/// `endpoint URL` with optional `tls CERT KEY CA` (files, empty: none). The problem's file is empty: the caller knows
/// the Corefile's place.
api_server_result from_endpoint(std::string_view url, const std::string& certificate = {}, const std::string& key = {},
                                const std::string& authority = {});

} // namespace troupe::kube
