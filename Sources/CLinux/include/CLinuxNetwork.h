// Network namespaces that live as long as a descriptor, and what is asked of the kernel about their links (rtnetlink(7)).
#pragma once

#include <stddef.h>
#include <stdint.h>

// A new network namespace, and a socket in it for rtnetlink(7), both closed on execve(2). The calling thread stays where it is.
// 0, or -1 with errno.
int distill_make_network(int *network, int *socket);
// A TAP device that stays as long as its network (tun(4), TUNSETPERSIST). Its index; -1 with errno.
int distill_make_tap(int network, const char *name);
// Sends one message, which must ask for an acknowledgement, and waits for that. 0, or -1 with errno.
int distill_ask_network(int socket, const void *message, size_t length);

// The destination of a route of IPv4: an address in this machine's order of bytes, and how many of its bits count.
struct distill_route {
    uint32_t address;
    unsigned char length;
};

// The routes of the calling thread's network, those of all tables: at most so many; how many there are. -1 with errno.
long distill_list_routes(struct distill_route *routes, long limit);
