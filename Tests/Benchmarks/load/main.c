#include "load.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void fail(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(status);
}

// Opens what is to be opened, `in_flight` at a time, and returns when all have joined.
static void connect_all(struct load *load, const char *event) {
    const struct options *options = &load->options;
    uint64_t start = now(), end = start + 120ull * 1000000000;
    memset(&load->ready_times, 0, sizeof load->ready_times);
    load->next = 0;
    while (load->ready < options->connections) {
        while (load->next < options->connections && load->pending < options->in_flight) {
            if (!connection_open(load, load->next)) fail(3, "connection %d: %s", load->next, strerror(errno));
            load->next += 1;
        }
        struct epoll_event events[256];
        int count = epoll_wait(load->epoll, events, 256, 1000);
        for (int index = 0; index < count; index++)
            if (events[index].data.u64 != UINT64_MAX) connection_event(load, (int)events[index].data.u64);
        if (now() > end) fail(3, "only %d of %d connections have joined in time", load->ready, options->connections);
    }
    printf("{\"event\":\"%s\",\"connections\":%d,\"seconds\":%.6f,\"ready_us\":{\"p50\":%lu,\"p99\":%lu}}\n", event,
           load->ready, (double)(now() - start) / 1e9, histogram_quantile(&load->ready_times, 0.5),
           histogram_quantile(&load->ready_times, 0.99));
}

static void storm(struct load *load) {
    for (int index = 0; index < load->options.connections; index++) {
        struct connection *connection = &load->connections[index];
        connection_close(connection);
        connection->port_index = (connection->port_index + 1) % load->options.port_count;
    }
    load->ready = load->pending = 0;
    connect_all(load, "resumed");
}

// Serves the connections until a line has come; false at the end of the input.
static bool wait_for_go(struct load *load) {
    for (;;) {
        struct epoll_event events[256];
        int count = epoll_wait(load->epoll, events, 256, -1);
        for (int index = 0; index < count; index++) {
            if (events[index].data.u64 != UINT64_MAX) {
                connection_event(load, (int)events[index].data.u64);
                continue;
            }
            char line[64];
            return read(STDIN_FILENO, line, sizeof line) > 0;
        }
    }
}

int main(int argc, char **argv) {
    static struct load load;
    load.options = parse_options(argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    transport_init(&load.options);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.connections = calloc((size_t)load.options.connections, sizeof *load.connections);
    if (!load.connections) fail(2, "out of memory");
    for (int index = 0; index < load.options.connections; index++) {
        load.connections[index].transport.socket = -1;
        // Every room is spread over all ports.
        load.connections[index].port_index = index / load.options.rooms % load.options.port_count;
    }
    connect_all(&load, "connected");
    struct epoll_event input = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
    epoll_ctl(load.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input);
    while (wait_for_go(&load)) {
        if (load.options.storm)
            storm(&load);
        else
            run_workload(&load);
    }
    return 0;
}
