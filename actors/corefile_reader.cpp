// SPDX-License-Identifier: Apache-2.0
#include "actors/corefile_reader.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace troupe {

namespace {

/// SHA-512 over texts, each behind its length.
class sha512 {
public:
  sha512() { EVP_DigestInit_ex(context_.get(), EVP_sha512(), nullptr); }

  void add(std::string_view text) {
    const auto size = static_cast<uint64_t>(text.size());
    EVP_DigestUpdate(context_.get(), &size, sizeof size);
    EVP_DigestUpdate(context_.get(), text.data(), text.size());
  }

  std::string text() {
    unsigned char octets[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), octets, &size);
    std::string out;
    for (unsigned i = 0; i < size; ++i)
      out += fmt::format("{:02x}", octets[i]);
    return out;
  }

private:
  struct freeing {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, freeing> context_{EVP_MD_CTX_new()};
};

/// The plan's own digest; of the files where a plan has none.
template <class Plan>
std::string digest_of(const Plan& plan, const std::string& octets) {
  if constexpr (requires { plan.digest; })
    return plan.digest;
  else
    return octets;
}

template <class Plan>
std::optional<config::reload_options> options_of(const Plan& plan) {
  if constexpr (requires { plan.reload; })
    return plan.reload;
  else
    return std::nullopt;
}

} // namespace

corefile_reading corefile_reader::read() {
  corefile_reading out;
  sha512 octets;
  config::environment around = config::process_environment();
  around.default_port = flags_.dns_port;
  around.read = [&octets, read = around.read](const std::string& path) {
    auto content = read(path);
    octets.add(path);
    if (auto* text = std::get_if<std::string>(&content))
      octets.add(*text);
    return content;
  };
  if (!standard_input_) {
    auto loaded = config::load_corefile(flags_, around);
    if (auto* failed = std::get_if<std::string>(&loaded)) {
      out.error = std::move(*failed);
      out.octets = octets.text();
      return out;
    }
    standard_input_ = std::move(std::get<config::corefile>(loaded));
  }
  const auto made = config::make_plan(standard_input_->file, standard_input_->text, around);
  if (flags_.conf != "stdin")
    standard_input_.reset();
  out.octets = octets.text();
  out.plan = made.plan;
  if (made.error) {
    out.error = made.error->text();
    out.bad_grammar = made.error->plugin.empty();
  } else {
    out.digest = digest_of(*made.plan, out.octets);
  }
  return out;
}

std::optional<config::reload_options> reload_options_of(const config::plan& plan) {
  return options_of(plan);
}

} // namespace troupe
