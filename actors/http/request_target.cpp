// SPDX-License-Identifier: Apache-2.0
#include "actors/http/request_target.hpp"

#include <Poco/DeflatingStream.h>
#include <Poco/String.h>
#include <Poco/StringTokenizer.h>
#include <Poco/URI.h>

#include <sstream>

namespace troupe {

std::optional<request_target> request_target::parse(const std::string& text) {
  const bool whole = Poco::icompare(text, 0, 7, "http://") == 0;
  if (!whole && !text.starts_with('/'))
    return std::nullopt;
  try {
    // Two slashes in front would begin an authority.
    const Poco::URI uri{whole ? text : "http://-" + text};
    return request_target{uri.getPath().empty() ? "/" : uri.getPath(), uri.getRawQuery(),
                          whole ? uri.getAuthority() : ""};
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
}

std::vector<std::string> request_target::values(std::string_view key) const {
  std::vector<std::string> out;
  try {
    Poco::URI uri;
    uri.setRawQuery(query);
    for (auto& [name, value] : uri.getQueryParameters())
      if (name == key)
        out.push_back(value);
  } catch (const Poco::Exception&) { // an escape that is none: Go leaves such a parameter out, too
  }
  return out;
}

bool takes_gzip(std::string_view accepted) {
  using tokens = Poco::StringTokenizer;
  for (auto& coding : tokens{std::string{accepted}, ",", tokens::TOK_TRIM}) {
    const tokens parts{coding, ";", tokens::TOK_TRIM};
    if (parts.count() == 0 || Poco::icompare(parts[0], "gzip") != 0)
      continue;
    return parts.count() == 1 || (parts[1] != "q=0" && !parts[1].starts_with("q=0.0"));
  }
  return false;
}

std::string gzipped(std::string_view body) {
  std::ostringstream out;
  Poco::DeflatingOutputStream deflate{out, Poco::DeflatingStreamBuf::STREAM_GZIP, 1}; // half the CPU of the best
  deflate.write(body.data(), static_cast<std::streamsize>(body.size()));
  deflate.close();
  return std::move(out).str();
}

} // namespace troupe
