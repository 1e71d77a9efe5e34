// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/source_reading.hpp"
#include "actors/questions/cache_flush.hpp"
#include "actors/runtime/failure_text.hpp"
#include "actors/runtime/host.hpp"
#include "actors/runtime/log_unbuffered.hpp"
#include "actors/server/cache_command.hpp"
#include "actors/server/ending.hpp"
#include "actors/server/pid_file.hpp"
#include "actors/server/reload_desk.hpp"
#include "actors/server/server.hpp"
#include "config/corefile.hpp"
#include "config/directives.hpp"
#include "config/flags.hpp"
#include "config/modernise.hpp"
#include "net/descriptor_shares.hpp"

#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <sys/prctl.h>
#include <unistd.h>

using namespace troupe;

namespace {

int fail(const std::string& text) {
  std::cerr << text << '\n';
  return 1;
}

/// Nobody of the same user may look into the process, which holds the service account's token, and the kernel writes no
/// core dumps of it. TROUPE_DUMPABLE=1 is for who wants those, or to attach a debugger without being root.
void keep_memory_private() {
  const char* dumpable = std::getenv("TROUPE_DUMPABLE");
  if (!dumpable || std::string_view{dumpable} != "1")
    ::prctl(PR_SET_DUMPABLE, 0);
}

/// Where memory ends, telling somebody what failed takes memory too: what `new` throws then comes to where nobody
/// catches it. The process ends with a sentence, as it does when it cannot start; all else that nobody catches aborts
/// it.
[[noreturn]] void end_of_memory() noexcept {
  constexpr std::string_view text = "out of memory: allow the process more (resources.limits.memory, ulimit -v)\n";
  try {
    if (const auto failed = std::current_exception())
      std::rethrow_exception(failed);
  } catch (const std::bad_alloc&) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    ::_exit(1);
  } catch (...) { // named below
  }
  __gnu_cxx::__verbose_terminate_handler();
  std::abort();
}

/// A moment for the first lists, so that mostly no name is ever SERVFAIL. Longer than that nobody waits: what is not
/// cluster names can be served, and cluster names are SERVFAIL until they are known. The signal that cut it short, or
/// 0.
int wait_for_sync(const server& running, const sigset_t& signals) {
  constexpr std::chrono::milliseconds limit{250}, poll{2};
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!running.synced()) {
    if (std::chrono::steady_clock::now() >= end) {
      log::info("plugin/kubernetes: waiting for Kubernetes API before starting server");
      log::warning("plugin/kubernetes: starting server with unsynced Kubernetes API");
      return 0;
    }
    if (const int signal = wait_for_end(signals, poll))
      return signal;
  }
  return 0;
}

/// Serves until a signal asks for an end, which it returns; reloads or empties the caches when one asks for that.
int serve(server& running, const sigset_t& signals, const corefile_reader& reader, const corefile_reading& first) {
  reload_desk desk{running, reader, first};
  const actor_identity who{"reload", "reload", "supervisor", {}};
  running.add(who, [&](caf::actor_system& system) {
    return caf::actor_cast<caf::strong_actor_ptr>(
      system.spawn<reloader>(std::ref(running.shared()), who, std::ref(static_cast<reload_worker&>(desk))));
  });
  const auto other = [&](int signal) {
    if (signal == SIGUSR1)
      desk.ask(reload_worker::wish::reload);
    if (signal == SIGUSR2) {
      log::info("SIGUSR2: Emptying the caches");
      flush_caches(running.shared());
    }
  };
  for (;;)
    if (const int signal = wait_for_end(signals, std::chrono::hours(24), other)) {
      if (signal == SIGQUIT)
        quit_at_once();
      running.remove(who.name);
      return signal;
    }
}

/// Goes down as `signal` asked for; with a lame duck if anybody was served.
void end(server& running, int signal, const sigset_t& signals, bool served) {
  if (signal == SIGQUIT)
    quit_at_once();
  log::info("{}", signal == SIGTERM ? "SIGTERM: Shutting down servers then terminating" : "SIGINT: Shutting down");
  ending stop{signals, signal};
  running.begin_draining();
  if (const auto lameduck = served ? running.plan()->lameduck : std::chrono::nanoseconds{0}; lameduck.count() > 0) {
    log::info("plugin/health: Going into lameduck mode for {}s", std::chrono::duration<double>(lameduck).count());
    stop.wait(lameduck);
  }
  const impatience for_the_rest{stop};
  running.stop();
}

int run(const config::command_line& flags, const corefile_reader& reader, const corefile_reading& first,
        const sigset_t& signals) {
  const auto& plan = first.plan;
  const size_t loops = plan->loops != 0 ? plan->loops : host::default_loops();
  host::bound_arenas(loops);
  net::raise_descriptor_limit();
  pid_file pid{flags.pidfile};
  server running{plan, loops};
  if (auto failed = running.prepare())
    return fail(*failed);
  running.start();
  sigset_t ends = signals;
  sigdelset(&ends, SIGUSR1); // it waits until somebody reloads
  sigdelset(&ends, SIGUSR2); // likewise
  int signal = wait_for_sync(running, ends);
  const bool serves = signal == 0;
  if (serves) {
    running.listen();
    if (auto failed = pid.write()) // no reason not to serve, in CoreDNS neither
      log::error("Could not write pidfile: {}; name a file in a folder that this user may write to with -pidfile",
                 *failed);
    if (!flags.quiet)
      std::cout << plan->start_text() << config::version_text(TROUPE_VERSION, "") << std::flush;
    signal = serve(running, signals, reader, first);
  }
  end(running, signal, signals, serves);
  return 0;
}

corefile_reading read_first(corefile_reader& reader) {
  const nothing_to_stop yet;
  return reader.read();
}

/// What else the start would find out: files that `kubernetes` names. Nobody is connected to. Inside of a cluster it is
/// the pod that matters, not the Corefile.
std::optional<std::string> unusable_sources(const config::plan& plan) {
  for (const auto& block : plan.blocks) {
    if (!block.kubernetes || (block.kubernetes->manifests.empty() && block.kubernetes->kubeconfig.empty() &&
                              block.kubernetes->endpoint.empty()))
      continue;
    auto read = read_source(*block.kubernetes);
    if (auto* failed = std::get_if<std::string>(&read))
      return *failed;
  }
  return std::nullopt;
}

/// Prints the Corefile in modern words; what was old goes to standard error.
int migrate(const config::command_line& flags) {
  const auto around = config::process_environment();
  auto loaded = config::load_corefile(flags, around);
  if (auto* unreadable = std::get_if<std::string>(&loaded))
    return fail(*unreadable);
  const auto& corefile = std::get<config::corefile>(loaded);
  if (corefile.text.empty())
    return fail(corefile.file + ": is missing or empty; name a Corefile with -conf");
  auto made = config::migrated(corefile.file, corefile.text, around);
  if (auto* bad = std::get_if<config::parse_error>(&made))
    return fail(bad->text());
  const auto& modern = std::get<config::modern_corefile>(made);
  for (const auto& old : modern.notices)
    std::cerr << old.line() << (old.here ? "" : "; it is imported: change it in that file") << '\n';
  std::cout << modern.text << std::flush;
  return std::cout ? 0 : fail("standard output: cannot be written");
}

int obey(int count, char** arguments, const sigset_t& signals) {
  if (const auto status = run_cache_command(count, arguments))
    return *status;
  auto parsed = config::parse_flags({arguments + 1, static_cast<size_t>(std::max(0, count - 1))});
  if (auto* end = std::get_if<config::early_end>(&parsed)) {
    (end->status == 0 ? std::cout : std::cerr) << end->text;
    return end->status;
  }
  const auto& flags = std::get<config::command_line>(parsed);
  if (flags.version)
    return std::cout << config::version_text(TROUPE_VERSION, ""), 0;
  if (flags.plugins)
    return std::cout << config::built_directives(), 0;
  if (flags.migrate)
    return migrate(flags);
  corefile_reader reader{flags};
  const corefile_reading first = read_first(reader);
  if (!first.plan)
    return fail(first.error);
  for (auto& warning : first.plan->warnings)
    log::warning("{}", warning);
  if (flags.validate)
    if (const auto unusable = unusable_sources(*first.plan))
      return fail(*unusable);
  if (flags.validate)
    return std::cout << first.plan->file << ": valid\n", 0;
  keep_memory_private();
  return run(flags, reader, first, signals);
}

} // namespace

int main(int count, char** arguments) {
  std::set_terminate(end_of_memory);
  const sigset_t signals = take_signals();
  host::open_standard_descriptors();
  int status = 1;
  try {
    status = obey(count, arguments, signals);
  } catch (const std::exception& e) { // of something that it takes there was not enough
    fail(failure_text(e));
  }
  log::finish();
  return status;
}
