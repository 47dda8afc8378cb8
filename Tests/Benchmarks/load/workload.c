#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static const char mark[] = "\"text\":\"~";

int members_of(const struct load *load, int room) {
    int connections = load->options.connections, rooms = load->options.rooms;
    return connections / rooms + (room < connections % rooms ? 1 : 0);
}

// A text is `~`, when it was sent (16 hexadecimal digits), by whom (8), and padding.
void publish(struct load *load, int index) {
    char text[3200];
    int room = index % load->options.rooms;
    int count = snprintf(text, sizeof text, "{\"type\":\"send\",\"room\":\"r%d\",\"text\":\"~%016llx%08x", room,
                         (unsigned long long)now(), (unsigned)index);
    int padding = load->options.text_bytes - TOKEN_BYTES;
    memset(text + count, 'x', (size_t)padding);
    memcpy(text + count + padding, "\"}", 2);
    connection_send(load, index, text, (size_t)(count + padding + 2));
    load->sent += 1;
    load->expected += members_of(load, room);
}

static uint64_t hexadecimal(const uint8_t *digits, int count) {
    uint64_t value = 0;
    for (int index = 0; index < count; index++) {
        uint8_t digit = digits[index];
        value = value << 4 | (uint64_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    return value;
}

void received(struct load *load, int index, const uint8_t *text, size_t length) {
    const uint8_t *found = memmem(text, length, mark, sizeof mark - 1);
    if (!found || (size_t)(found - text) + sizeof mark + 24 > length) {
        if (memmem(text, length < 40 ? length : 40, "\"type\":\"error\"", 14))
            fail(3, "refused: %.*s", (int)length, (const char *)text);
        return;
    }
    const uint8_t *token = found + sizeof mark - 1;
    load->delivered += 1;
    if (load->is_measuring) {
        load->measured += 1;
        histogram_add(&load->latencies, (now() - hexadecimal(token, 16)) / 1000);
    }
    if (!load->is_publishing || load->options.rate > 0 || (int)hexadecimal(token + 16, 8) != index) return;
    if (load->options.messages == 0 || load->sent < load->options.messages) publish(load, index);
}

// Serves the connections for one turn, at most until `deadline`; in between, sends what the rate asks for.
static void turn(struct load *load, uint64_t deadline) {
    struct epoll_event events[512];
    uint64_t time = now();
    uint64_t wait = deadline > time ? deadline - time : 0;
    struct timespec timeout = {.tv_sec = (time_t)(wait / 1000000000), .tv_nsec = (long)(wait % 1000000000)};
    int count = epoll_pwait2(load->epoll, events, 512, &timeout, NULL);
    for (int event = 0; event < count; event++)
        if (events[event].data.u64 != UINT64_MAX) connection_event(load, (int)events[event].data.u64);
}

static uint64_t after(double seconds) { return now() + (uint64_t)(seconds * 1e9); }

// In the open loop messages leave at even distances, however late the answers are.
static void load_until(struct load *load, uint64_t end) {
    static uint64_t due;
    double rate = load->options.rate;
    if (rate > 0 && due < now()) due = now();
    while (now() < end) {
        while (rate > 0 && due <= now()) {
            publish(load, load->next_publisher);
            load->next_publisher = (load->next_publisher + 1) % load->options.publishers;
            due += (uint64_t)(1e9 / rate);
        }
        turn(load, rate > 0 && due < end ? due : end);
    }
}

static void drain(struct load *load, double seconds) {
    uint64_t end = after(seconds);
    while (load->delivered < load->expected && now() < end) turn(load, end);
}

static void fill_windows(struct load *load) {
    for (int slot = 0; slot < load->options.window; slot++)
        for (int index = 0; index < load->options.publishers; index++)
            if (load->options.messages == 0 || load->sent < load->options.messages) publish(load, index);
}

static void print_done(const struct load *load) {
    printf("{\"event\":\"done\",\"sent\":%ld,\"delivered\":%ld,\"expected\":%ld,\"dropped\":%ld}\n", load->sent,
           load->delivered, load->expected, load->dropped);
}

static void print_measured(const struct load *load, double seconds) {
    printf("{\"event\":\"measured\",\"seconds\":%.6f,\"deliveries\":%ld,\"latency_us\":{\"p50\":%lu,\"p99\":%lu,"
           "\"p999\":%lu}}\n",
           seconds, load->measured, histogram_quantile(&load->latencies, 0.5),
           histogram_quantile(&load->latencies, 0.99), histogram_quantile(&load->latencies, 0.999));
}

void run_workload(struct load *load) {
    const struct options *options = &load->options;
    load->sent = load->delivered = load->expected = load->measured = 0;
    memset(&load->latencies, 0, sizeof load->latencies);
    load->is_publishing = true;
    if (!options->idle && options->rate == 0) fill_windows(load);
    if (options->messages > 0) {
        drain(load, 60);
    } else {
        load_until(load, after(options->warmup));
        load->is_measuring = true;
        puts("{\"event\":\"measuring\"}");
        uint64_t start = now();
        load_until(load, start + (uint64_t)(options->duration * 1e9));
        load->is_measuring = false;
        print_measured(load, (double)(now() - start) / 1e9);
        load->is_publishing = false;
        drain(load, 5);
    }
    load->is_publishing = false;
    print_done(load);
}
