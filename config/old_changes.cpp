// SPDX-License-Identifier: Apache-2.0
#include "config/old_changes.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

void notice_dropped(old_use& use, option_words of, const old_word& word) {
  use.notice(of, word, "dropped: " + std::string{word.instead});
}

void drop_with_notice(old_use& use, option_words of, const old_word& word) {
  notice_dropped(use, of, word);
  use.drop(of);
}

/// One option takes the place of another, whose words from `kept_from` on stay.
void becomes(old_use& use, option_words of, const old_word& word, const std::string& option, size_t kept_from) {
  use.replace(of.first, {option});
  if (kept_from > of.first + 1)
    use.drop({of.first + 1, kept_from});
  use.notice_read_as(of, word);
}

} // namespace

void drop_option(old_use& use, option_words of, const old_word& word) {
  drop_with_notice(use, of, word);
}

void drop_directive(old_use& use, option_words of, const old_word& word) {
  notice_dropped(use, of, word);
  use.drop_all();
}

void proxy_policy(old_use& use, option_words of, const old_word& word) {
  const auto policies = use.arguments(of);
  if (policies.size() != 1)
    return;
  if (policies[0] == "least_conn") {
    drop_with_notice(use, of, word);
  } else if (policies[0] == "first") {
    use.replace(of.first + 1, {"sequential"});
    use.notice_read_as(of, word);
  }
}

void proxy_protocol(old_use& use, option_words of, const old_word& word) {
  const auto words = use.arguments(of);
  if (words.empty())
    return;
  if (words[0] == "dns" && words.size() > 1 && words[1] == "force_tcp") {
    becomes(use, of, word, "force_tcp", of.end);
  } else if (words[0] == "dns" || words[0] == "https_google") {
    drop_with_notice(use, of, word);
  } else if (words[0] == "grpc") {
    use.become("grpc");
    if (words.size() == 2 && words[1] == "insecure") {
      use.notice(of, word, "read as \"grpc\" in the place of \"proxy\"");
      use.drop(of);
    } else {
      becomes(use, of, word, "tls", of.first + 2);
    }
  }
}

void proxy(old_use& use, option_words of, const old_word& word) {
  if (use.name() == "proxy") // no option has said otherwise
    use.become("forward");
  use.replace(of.first, {use.name()});
  use.notice_read_as({0, use.end_of_arguments()}, word);
}

void first_endpoint(old_use& use, option_words of, const old_word& word) {
  if (of.end - of.first < 3)
    return;
  use.drop({of.first + 2, of.end});
  use.notice_read_as(of, word);
}

void kubernetes_upstream(old_use& use, option_words of, const old_word& word) {
  if (use.block_forwards()) {
    drop_with_notice(use, of, word);
    return;
  }
  auto forward = use.beside(of.first);
  forward.add("forward").add(".");
  for (size_t i = of.first + 1; i < of.end; ++i)
    forward.add(use.spelled(i));
  if (of.end == of.first + 1)
    forward.add("/etc/resolv.conf");
  use.notice(of, word, "read as \"" + line_of(forward.words()) + "\" beside \"kubernetes\"");
  use.add(std::move(forward));
  use.drop(of);
}

void transfer_to(old_use& use, option_words of, const old_word& word) {
  const auto words = use.arguments(of);
  if (words.size() < 2 || words[0] != "to")
    return;
  use.notice(of, word, "read as the directive \"transfer\" beside \"" + use.name() + "\"");
  use.allow_transfer({of.first + 2, of.end});
  use.drop(of);
}

void no_reload(old_use& use, option_words of, const old_word& word) {
  use.replace(of.first, {"reload", "0"});
  use.notice_read_as(of, word);
}

void directory_timeout(old_use& use, option_words of, const old_word& word) {
  const auto words = use.arguments(of);
  if (words.size() != 4 || words[3].empty() || words[3].size() > 9 ||
      !std::ranges::all_of(words[3], [](char c) { return c >= '0' && c <= '9'; }))
    return;
  const std::string seconds = std::to_string(std::max(1ul, std::stoul(words[3]))) + "s";
  use.notice(of, word, "read as \"reload " + seconds + "\"");
  use.drop({of.end - 1, of.end});
  use.put_line_behind(of, {"reload", seconds});
}

void header_action(old_use& use, option_words of, const old_word& word) {
  use.replace(of.first, {"response", std::string{word.option}});
  use.notice_read_as(of, word);
}

void event(old_use& use, option_words of, const old_word& word) {
  use.become("on");
  use.replace(of.first, {"on", std::string{word.directive}});
  use.notice_read_as({0, use.end_of_arguments()}, word);
}

} // namespace troupe::config
