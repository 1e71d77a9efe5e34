// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/scripted_api.hpp"

#include <string>

namespace troupe::test {

/// A certificate authority that lives as long as the test.
class scripted_authority {
public:
  scripted_authority();
  ~scripted_authority();
  scripted_authority(const scripted_authority&) = delete;
  scripted_authority& operator=(const scripted_authority&) = delete;

  const std::string& pem() const { return pem_; }

  /// A certificate for `subject_alternative_name` ("IP:127.0.0.1", "DNS:example") valid from now + `from` to now + `to`
  /// seconds.
  scripted_identity issue(const std::string& subject_alternative_name, long from = -3600, long to = 3600) const;

private:
  struct parts;
  parts* parts_;
  std::string pem_;
};

} // namespace troupe::test
