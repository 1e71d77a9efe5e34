// SPDX-License-Identifier: Apache-2.0
// The C library's own stub resolver, glibc's or musl's. Arguments: `host NAME` or `address ADDRESS`, any number of them.
// Prints a line for each: the addresses or the name, or `!` and the error.
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

static void host(const char* name) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  const int failed = getaddrinfo(name, NULL, &hints, &found);
  if (failed) {
    printf("!%d\n", failed);
    return;
  }
  for (struct addrinfo* i = found; i; i = i->ai_next) {
    char text[NI_MAXHOST];
    getnameinfo(i->ai_addr, i->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
    printf("%s ", text);
  }
  puts("");
  freeaddrinfo(found);
}

static void address(const char* text) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *found;
  char name[NI_MAXHOST];
  if (getaddrinfo(text, NULL, &hints, &found) != 0)
    return;
  const int failed = getnameinfo(found->ai_addr, found->ai_addrlen, name, sizeof name, NULL, 0, NI_NAMEREQD);
  if (failed)
    printf("!%d\n", failed);
  else
    puts(name);
  freeaddrinfo(found);
}

int main(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; i += 2)
    (strcmp(argv[i], "host") == 0 ? host : address)(argv[i + 1]);
}
