// SPDX-License-Identifier: Apache-2.0
#include "load_options.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace troupe::bench {
namespace {

[[noreturn]] void usage(const char* what, const char* word) {
  std::fprintf(stderr,
               "bench_load: %s: %s\n"
               "usage: bench_load --questions FILE --port N [--pid SERVER] [--seconds S] [--warm-up S] [--rate Q/S]\n"
               "                  [--lost-after S] [--threads N] [--sockets N] [--window 1..256] [--edns OCTETS]\n"
               "                  [--check] [--fresh]\n",
               what, word);
  std::exit(2);
}

double number(const char* text, double least, double most) {
  char* end = nullptr;
  double value = std::strtod(text, &end);
  if (end == text || *end || !(value >= least && value <= most))
    usage("not a number in range", text);
  return value;
}

} // namespace

load_options parse_load_options(int argc, char** argv) {
  load_options o;
  for (int i = 1; i < argc; ++i) {
    std::string_view name = argv[i];
    if (name == "--check") {
      o.check = true;
      continue;
    }
    if (name == "--fresh") {
      o.fresh = true;
      continue;
    }
    if (i + 1 == argc)
      usage("needs a value, or is unknown", argv[i]);
    const char* value = argv[++i];
    if (name == "--questions")
      o.questions = value;
    else if (name == "--port")
      o.port = static_cast<uint16_t>(number(value, 1, 65535));
    else if (name == "--pid")
      o.server = static_cast<pid_t>(number(value, 1, 1 << 30));
    else if (name == "--seconds")
      o.seconds = number(value, 0.01, 3600);
    else if (name == "--warm-up")
      o.warm_up = number(value, 0, 3600);
    else if (name == "--lost-after")
      o.lost_after = number(value, 0.01, 60);
    else if (name == "--rate")
      o.rate = number(value, 1, 1e7);
    else if (name == "--threads")
      o.threads = static_cast<unsigned>(number(value, 1, 64));
    else if (name == "--sockets")
      o.sockets = static_cast<unsigned>(number(value, 1, 256));
    else if (name == "--window")
      o.window = static_cast<unsigned>(number(value, 1, 256));
    else if (name == "--edns")
      o.edns = static_cast<uint16_t>(number(value, 512, 65535));
    else
      usage("unknown option", argv[i - 1]);
  }
  if (o.questions.empty() || o.port == 0)
    usage("missing", "--questions and --port");
  return o;
}

} // namespace troupe::bench
