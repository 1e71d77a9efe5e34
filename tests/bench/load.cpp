// SPDX-License-Identifier: Apache-2.0
// A load generator that costs little: sends questions over connected UDP sockets, saturating the server or at a given
// rate, and prints one line of JSON with rates, latencies and the server's CPU time per answered question. SIGTERM ends
// the measuring early.
#include "connection.hpp"
#include "load_options.hpp"
#include "process_cpu.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>

using namespace troupe::bench;

namespace {

constexpr uint64_t second = 1'000'000'000;    // nanoseconds
constexpr uint64_t sweep_every = second / 10; // how often is looked for what is lost

enum class phase { warm_up, measure, drain };

struct worker {
  explicit worker(double seconds) : lost_after{static_cast<uint64_t>(seconds * second)} {}

  const uint64_t lost_after; // nanoseconds
  counters seen;
  histogram times;
  std::vector<connection> connections;
  std::vector<pollfd> polled;
  size_t next_question = 0;
  uint64_t next_sweep = 0;

  size_t under_way() const {
    size_t all = 0;
    for (auto& c : connections)
      all += c.under_way();
    return all;
  }

  /// Waits at most until `until`, then reads every socket that has something.
  void read(uint64_t until, bool measuring) {
    auto now = clock_now();
    uint64_t wait = until > now ? until - now : 0;
    timespec timeout{static_cast<time_t>(wait / second), static_cast<long>(wait % second)};
    if (ppoll(polled.data(), polled.size(), &timeout, nullptr) > 0)
      for (size_t i = 0; i < polled.size(); ++i)
        if (polled[i].revents)
          connections[i].receive(seen, measuring ? &times : nullptr);
    if (now >= next_sweep) {
      next_sweep = now + sweep_every;
      for (auto& c : connections)
        c.expire(now - lost_after, seen);
    }
  }
};

void saturate(worker& w, const std::vector<question>& list, const std::atomic<phase>& at) {
  for (phase p; (p = at.load(std::memory_order_relaxed)) != phase::drain;) {
    auto now = clock_now();
    for (auto& c : w.connections)
      if (c.free())
        c.send(c.free(), list, w.next_question, now, w.seen);
    w.read(now + sweep_every, p == phase::measure);
  }
}

void pace(worker& w, const std::vector<question>& list, const std::atomic<phase>& at, double rate) {
  auto interval = static_cast<uint64_t>(static_cast<double>(second) / rate);
  auto due = clock_now();
  size_t turn = 0;
  for (phase p; (p = at.load(std::memory_order_relaxed)) != phase::drain;) {
    for (auto now = clock_now(); due <= now; now = clock_now(), due += interval) {
      w.connections[turn].send(1, list, w.next_question, now, w.seen);
      turn = turn + 1 == w.connections.size() ? 0 : turn + 1;
    }
    w.read(due, p == phase::measure);
  }
}

void run(worker& w, const std::vector<question>& list, const std::atomic<phase>& at, double rate) {
  prctl(PR_SET_TIMERSLACK, 1000); // nanoseconds; the usual 50 µs would be seen in the rate
  if (rate > 0)
    pace(w, list, at, rate);
  else
    saturate(w, list, at);
  for (auto end = clock_now() + w.lost_after; w.under_way() && clock_now() < end;)
    w.read(end, false);
  for (auto& c : w.connections)
    c.expire(~uint64_t{0}, w.seen);
}

struct mark {
  uint64_t at = 0, sent = 0, answered = 0;
  cpu_time server, self;
};

mark take_mark(const std::vector<std::unique_ptr<worker>>& workers, pid_t server) {
  mark m;
  for (auto& w : workers) {
    m.sent += w->seen.sent.load(std::memory_order_relaxed);
    m.answered += w->seen.answered.load(std::memory_order_relaxed);
  }
  m.at = clock_now();
  if (server)
    m.server = read_cpu(server);
  m.self = read_cpu(getpid());
  return m;
}

void report(const mark& begin, const mark& end, const std::vector<std::unique_ptr<worker>>& workers) {
  auto times = std::make_unique<histogram>();
  uint64_t wrong = 0, lost = 0, stray = 0;
  for (auto& w : workers) {
    times->add(w->times);
    wrong += w->seen.wrong;
    lost += w->seen.lost;
    stray += w->seen.stray;
  }
  auto seconds = static_cast<double>(end.at - begin.at) / second;
  auto answered = static_cast<double>(end.answered - begin.answered);
  auto each = [answered](double from, double to) { return answered > 0 ? (to - from) * 1e6 / answered : 0; };
  auto quantile = [&](double part) { return static_cast<double>(times->quantile(part)) / 1000; };
  std::printf("{\"seconds\":%.3f,\"sent\":%lu,\"answered\":%lu,\"qps\":%.0f,\"wrong\":%lu,\"lost\":%lu,\"stray\":%lu,"
              "\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,\"user_us\":%.3f,\"system_us\":%.3f,"
              "\"cpu_us\":%.3f,"
              "\"load_cpu_us\":%.3f}\n",
              seconds, end.sent - begin.sent, end.answered - begin.answered, answered / seconds, wrong, lost, stray,
              quantile(0.5), quantile(0.9), quantile(0.99), quantile(1), each(begin.server.user, end.server.user),
              each(begin.server.system, end.server.system), each(begin.server.exact, end.server.exact),
              each(begin.self.exact, end.self.exact));
}

/// SIGTERM ends the wait early.
void wait_for(double seconds, const sigset_t& signals) {
  const auto whole = static_cast<time_t>(seconds);
  const timespec most{whole, static_cast<long>((seconds - static_cast<double>(whole)) * second)};
  sigtimedwait(&signals, nullptr, &most);
}

} // namespace

int main(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto options = parse_load_options(argc, argv);
  auto list = read_questions(options.questions, options.edns, options.fresh);
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(options.port);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

  std::vector<std::unique_ptr<worker>> workers;
  for (unsigned i = 0; i < options.threads; ++i) {
    auto& w = *workers.emplace_back(std::make_unique<worker>(options.lost_after));
    w.next_question = list.size() / options.threads * i;
    for (unsigned j = 0; j < options.sockets; ++j) {
      w.connections.emplace_back(server, options.window, options.check, options.fresh);
      w.polled.push_back({w.connections.back().descriptor(), POLLIN, 0});
    }
  }
  std::atomic<phase> at{phase::warm_up};
  std::vector<std::thread> threads;
  for (auto& w : workers)
    threads.emplace_back([&] { run(*w, list, at, options.rate / options.threads); });
  std::this_thread::sleep_for(std::chrono::duration<double>(options.warm_up));
  at = phase::measure;
  auto begin = take_mark(workers, options.server);
  wait_for(options.seconds, signals);
  auto end = take_mark(workers, options.server);
  at = phase::drain;
  for (auto& t : threads)
    t.join();
  report(begin, end, workers);
}
