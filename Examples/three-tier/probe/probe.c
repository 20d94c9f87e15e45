/*
 * Asks a server of this container whether it is well; health checks need no shell and no client then.
 *
 *   probe http PORT PATH     succeeds when the answer's status is 200
 *   probe mysql SOCKET       succeeds when the server greets
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* No check waits longer than this for any step. */
static const struct timeval patience = {.tv_sec = 4};

static int open_connection(int family, const void *address, socklen_t size) {
    int peer = socket(family, SOCK_STREAM, 0);
    setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return peer >= 0 && connect(peer, address, size) == 0 ? peer : -1;
}

/* Reads `size` bytes; fewer when the peer has no more. */
static size_t receive(int peer, char *bytes, size_t size) {
    size_t count = 0;
    for (ssize_t more; count < size && (more = read(peer, bytes + count, size - count)) > 0;) count += (size_t)more;
    return count;
}

static int probe_http(const char *port, const char *path) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int peer = open_connection(AF_INET, &address, sizeof address);
    if (peer < 0) return 1;
    dprintf(peer, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    char answer[13] = "";
    receive(peer, answer, sizeof answer - 1);
    return strcmp(answer, "HTTP/1.1 200") != 0;
}

static int probe_mysql(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int peer = open_connection(AF_UNIX, &address, sizeof address);
    if (peer < 0) return 1;
    /* Three bytes of length, a sequence number, and the protocol's version, which is 10. */
    char greeting[5];
    return receive(peer, greeting, sizeof greeting) != sizeof greeting || greeting[4] != 10;
}

int main(int count, char **arguments) {
    if (count == 4 && strcmp(arguments[1], "http") == 0) return probe_http(arguments[2], arguments[3]);
    if (count == 3 && strcmp(arguments[1], "mysql") == 0) return probe_mysql(arguments[2]);
    fputs("usage: probe http PORT PATH | probe mysql SOCKET\n", stderr);
    return 2;
}
