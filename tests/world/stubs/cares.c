// SPDX-License-Identifier: Apache-2.0
// c-ares, as curl, Envoy and Node use it. Arguments and output as of addrinfo.c.
#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>

static void on_host(void* unused, int status, int timeouts, struct ares_addrinfo* found) {
  (void)unused, (void)timeouts;
  if (status != ARES_SUCCESS) {
    printf("!%s\n", ares_strerror(status));
    return;
  }
  for (struct ares_addrinfo_node* i = found->nodes; i; i = i->ai_next) {
    char text[NI_MAXHOST];
    getnameinfo(i->ai_addr, i->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
    printf("%s ", text);
  }
  puts("");
  ares_freeaddrinfo(found);
}

static void on_name(void* unused, int status, int timeouts, char* node, char* service) {
  (void)unused, (void)timeouts, (void)service;
  if (status == ARES_SUCCESS)
    puts(node);
  else
    printf("!%s\n", ares_strerror(status));
}

static void ask(ares_channel channel, const char* what, const char* of) {
  struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC};
  struct sockaddr_in v4 = {.sin_family = AF_INET};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
  if (strcmp(what, "host") == 0)
    ares_getaddrinfo(channel, of, NULL, &hints, on_host, NULL);
  else if (inet_pton(AF_INET, of, &v4.sin_addr) == 1)
    ares_getnameinfo(channel, (struct sockaddr*)&v4, sizeof v4, ARES_NI_NAMEREQD, on_name, NULL);
  else if (inet_pton(AF_INET6, of, &v6.sin6_addr) == 1)
    ares_getnameinfo(channel, (struct sockaddr*)&v6, sizeof v6, ARES_NI_NAMEREQD, on_name, NULL);
}

static void wait_for_all(ares_channel channel) {
  for (;;) {
    fd_set readable, writable;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    const int count = ares_fds(channel, &readable, &writable);
    if (count == 0)
      return;
    struct timeval time;
    select(count, &readable, &writable, NULL, ares_timeout(channel, NULL, &time));
    ares_process(channel, &readable, &writable);
  }
}

int main(int argc, char** argv) {
  ares_channel channel;
  ares_library_init(ARES_LIB_INIT_ALL);
  if (ares_init(&channel) != ARES_SUCCESS)
    return 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    ask(channel, argv[i], argv[i + 1]);
    wait_for_all(channel);
  }
  ares_destroy(channel);
}
