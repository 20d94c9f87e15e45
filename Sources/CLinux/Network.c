#define _GNU_SOURCE
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// What a thread of its own does in a network, and leaves.
struct visit {
    int network;
    int socket;
    const char *name;
    int index;
    int reason;
};

// A thread that has been in another network is of no other use: it ends.
static int on_thread(void *(*body)(void *), struct visit *visit) {
    pthread_t thread;
    int reason = pthread_create(&thread, NULL, body, visit);
    if (reason == 0) {
        pthread_join(thread, NULL);
        reason = visit->reason;
    }
    errno = reason;
    return reason == 0 ? 0 : -1;
}

static int open_route_socket(void) {
    int end = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (end < 0) return -1;
    struct sockaddr_nl address;
    memset(&address, 0, sizeof address);
    address.nl_family = AF_NETLINK;
    if (bind(end, (struct sockaddr *)&address, sizeof address) == 0) return end;
    int reason = errno;
    close(end);
    errno = reason;
    return -1;
}

static void *make_network(void *argument) {
    struct visit *visit = argument;
    if (unshare(CLONE_NEWNET) == 0) {
        visit->network = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        visit->socket = open_route_socket();
    }
    if (visit->network >= 0 && visit->socket >= 0) return NULL;
    visit->reason = errno;
    if (visit->network >= 0) close(visit->network);
    if (visit->socket >= 0) close(visit->socket);
    return NULL;
}

int distill_make_network(int *network, int *socket) {
    struct visit visit = {-1, -1, NULL, 0, 0};
    if (on_thread(make_network, &visit) != 0) return -1;
    *network = visit.network;
    *socket = visit.socket;
    return 0;
}

static void *make_tap(void *argument) {
    struct visit *visit = argument;
    int device = -1;
    if (setns(visit->network, CLONE_NEWNET) == 0) device = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (device < 0) {
        visit->reason = errno;
        return NULL;
    }
    struct ifreq request;
    memset(&request, 0, sizeof request);
    strncpy(request.ifr_name, visit->name, IFNAMSIZ - 1);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    int link = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (link < 0 || ioctl(device, TUNSETIFF, &request) != 0 || ioctl(device, TUNSETPERSIST, 1) != 0
        || ioctl(link, SIOCGIFINDEX, &request) != 0)
        visit->reason = errno;
    else
        visit->index = request.ifr_ifindex;
    if (link >= 0) close(link);
    close(device);
    return NULL;
}

int distill_make_tap(int network, const char *name) {
    struct visit visit = {network, -1, name, 0, 0};
    return on_thread(make_tap, &visit) == 0 ? visit.index : -1;
}

int distill_ask_network(int socket, const void *message, size_t length) {
    while (send(socket, message, length, 0) < 0)
        if (errno != EINTR) return -1;
    char answer[8192];
    while (1) {
        ssize_t count = recv(socket, answer, sizeof answer, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -1;
        struct nlmsghdr *header = (struct nlmsghdr *)answer;
        for (; NLMSG_OK(header, (unsigned int)count); header = NLMSG_NEXT(header, count)) {
            if (header->nlmsg_type != NLMSG_ERROR || header->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr))) continue;
            const struct nlmsgerr *error = NLMSG_DATA(header);
            errno = -error->error;
            return error->error == 0 ? 0 : -1;
        }
    }
}

// What one message of the list says.
static void take_route(struct nlmsghdr *header, struct distill_route *route) {
    struct rtmsg *message = NLMSG_DATA(header);
    route->length = message->rtm_dst_len;
    route->address = 0;
    int left = (int)RTM_PAYLOAD(header);
    for (struct rtattr *part = RTM_RTA(message); RTA_OK(part, left); part = RTA_NEXT(part, left))
        if (part->rta_type == RTA_DST && RTA_PAYLOAD(part) >= 4) {
            memcpy(&route->address, RTA_DATA(part), 4);
            route->address = ntohl(route->address);
        }
}

static long read_routes(int end, struct distill_route *routes, long limit) {
    char answer[32768];
    long found = 0;
    while (1) {
        ssize_t count = recv(end, answer, sizeof answer, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -1;
        struct nlmsghdr *header = (struct nlmsghdr *)answer;
        for (; NLMSG_OK(header, (unsigned int)count); header = NLMSG_NEXT(header, count)) {
            if (header->nlmsg_type == NLMSG_DONE) return found;
            if (header->nlmsg_type == NLMSG_ERROR) {
                errno = EIO;
                return -1;
            }
            if (header->nlmsg_type != RTM_NEWROUTE || header->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtmsg))) continue;
            if (found < limit) take_route(header, &routes[found++]);
        }
    }
}

long distill_list_routes(struct distill_route *routes, long limit) {
    int end = open_route_socket();
    if (end < 0) return -1;
    struct {
        struct nlmsghdr header;
        struct rtmsg message;
    } request;
    memset(&request, 0, sizeof request);
    request.header.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg));
    request.header.nlmsg_type = RTM_GETROUTE;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.message.rtm_family = AF_INET;
    long found = -1;
    if (send(end, &request, request.header.nlmsg_len, 0) >= 0) found = read_routes(end, routes, limit);
    int reason = errno;
    close(end);
    errno = reason;
    return found;
}
