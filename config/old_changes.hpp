// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/old_use.hpp"

/// How words of old become modern ones: what rows of old_words.cpp name. Each is called for a word that is there, and
/// leaves alone what not even old versions took: that is refused as ever.
namespace troupe::config {

void drop_option(old_use& use, option_words of, const old_word& word);
void drop_directive(old_use& use, option_words of, const old_word& word);

/// `least_conn` is no policy of `forward`, `first` was the older name of `sequential`.
void proxy_policy(old_use& use, option_words of, const old_word& word);

/// `dns force_tcp` is `force_tcp`, `grpc` makes the directive `grpc`.
void proxy_protocol(old_use& use, option_words of, const old_word& word);

void proxy(old_use& use, option_words of, const old_word& word);

void first_endpoint(old_use& use, option_words of, const old_word& word);

/// Goes where its block has a `forward`, which resolves names outside; else it becomes one, or aliases would lead to
/// nowhere.
void kubernetes_upstream(old_use& use, option_words of, const old_word& word);

/// The directive `transfer` beside the one that has `transfer to`: its zones, and all addresses that are named.
void transfer_to(old_use& use, option_words of, const old_word& word);

void no_reload(old_use& use, option_words of, const old_word& word);

/// The fourth word behind `directory`, in seconds, is the option `reload`.
void directory_timeout(old_use& use, option_words of, const old_word& word);

void header_action(old_use& use, option_words of, const old_word& word);

/// `startup COMMAND` is `on startup COMMAND`.
void event(old_use& use, option_words of, const old_word& word);

} // namespace troupe::config
