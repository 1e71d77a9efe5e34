// SPDX-License-Identifier: Apache-2.0
// CPU per query with 1, 2 and 4 loops, without sockets: each loop feeds itself batches of questions and answers them
// from the tables that all share, through the server's own actors or with nothing between endpoint and zone. Ends with
// status 1 if CPU per query grows by more than the limit from one loop to two or four.
#ifdef BENCH_ACTORS
#include "actor_loops.hpp"
#endif
#include "cluster.hpp"
#include "memory_endpoint.hpp"
#include "plain_server.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <thread>

using namespace troupe;

namespace {

constexpr size_t rounds = 5;
constexpr std::array<size_t, 3> loop_counts = {1, 2, 4};
constexpr std::chrono::milliseconds warm_up{200};

struct result {
  double nanoseconds = 0; ///< CPU time per answered query
  double rate = 0;        ///< queries a second, all loops
};

bench::memory_endpoint::packets make_questions(const bench::cluster& all) {
  bench::memory_endpoint::packets result;
  auto& names = all.cluster_ip_names();
  for (size_t i = 0; i < names.size(); ++i) // 7919 is prime and not a divisor: every name once, far from its neighbour
    result.push_back(bench::encode_question(names[i * 7919 % names.size()], dns::rrtype::a));
  return result;
}

/// Loops without actors, each with a thread of its own. Returns when the phase was `over` for all.
bench::totals run_plain_loops(size_t count, const bench::cluster& all, const bench::memory_endpoint::packets& questions,
                              const std::atomic<bench::phase>& at) {
  std::vector<bench::totals> each(count);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      net::loop loop{i};
      bench::memory_endpoint endpoint{loop, questions, questions.size() / count * i, at, [&] { loop.stop(); }};
      bench::plain_server server{endpoint, all};
      endpoint.attach(&server);
      loop.run(); // after stop() it still runs what is queued
      each[i] = endpoint.result();
    });
  bench::totals sum;
  for (size_t i = 0; i < count; ++i) {
    threads[i].join();
    sum += each[i];
  }
  return sum;
}

using loops = decltype(&run_plain_loops);

result measure(loops run, size_t count, const bench::cluster& all, const bench::memory_endpoint::packets& questions,
               std::chrono::milliseconds how_long) {
  std::atomic<bench::phase> at{bench::phase::warm_up};
  std::thread timing([&] {
    std::this_thread::sleep_for(warm_up);
    at = bench::phase::measure;
    std::this_thread::sleep_for(how_long);
    at = bench::phase::over;
  });
  auto sum = run(count, all, questions, at);
  timing.join();
  if (sum.wrong || !sum.answered) {
    std::fprintf(stderr, "%zu loops: %lu of %lu answers are wrong\n", count, sum.wrong, sum.answered);
    std::exit(1);
  }
  auto seconds = std::chrono::duration<double>(how_long).count();
  return {static_cast<double>(sum.cpu) / static_cast<double>(sum.answered),
          static_cast<double>(sum.answered) / seconds};
}

/// Prints a line for each number of loops; true if CPU per query stays within `limit` per cent.
bool report(const char* what, loops run, std::chrono::milliseconds how_long, double limit) {
  bench::cluster all{{}};
  auto questions = make_questions(all);
  std::array<std::array<result, rounds>, loop_counts.size()> results;
  for (size_t round = 0; round < rounds; ++round)
    for (size_t i = 0; i < loop_counts.size(); ++i)
      results[i][round] = measure(run, loop_counts[i], all, questions, how_long);
  bool good = true;
  double base = 0;
  for (size_t i = 0; i < loop_counts.size(); ++i) {
    auto& r = results[i];
    std::sort(r.begin(), r.end(), [](auto& a, auto& b) { return a.nanoseconds < b.nanoseconds; });
    auto& middle = r[rounds / 2];
    base = i == 0 ? middle.nanoseconds : base;
    double growth = (middle.nanoseconds / base - 1) * 100;
    std::printf("%s, %zu loops: %6.1f ns CPU a query (%.1f to %.1f), %+5.1f %%, %.2f M/s\n", what, loop_counts[i],
                middle.nanoseconds, r.front().nanoseconds, r.back().nanoseconds, growth, middle.rate / 1e6);
    good = good && growth <= limit;
  }
  return good;
}

} // namespace

int main(int argc, char** argv) {
  auto how_long = std::chrono::milliseconds{argc > 1 ? std::atoi(argv[1]) : 1000};
  double limit = argc > 2 ? std::atof(argv[2]) : 10;
  if (how_long.count() <= 0 || limit <= 0 || argc > 3) {
    std::fprintf(stderr, "usage: bench_in_process [MILLISECONDS [LIMIT_PER_CENT]]\n");
    return 2;
  }
  bool good = report("tables only", run_plain_loops, how_long, limit);
#ifdef BENCH_ACTORS
  good = report("actors", bench::run_actor_loops, how_long, limit) && good;
#endif
  return good ? 0 : 1;
}
