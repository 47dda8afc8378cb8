#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { READ_BYTES = 1 << 18 };

static uint8_t input[READ_BYTES * 2];

static void watch(struct load *load, int index, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)index};
    if (epoll_ctl(load->epoll, operation, load->connections[index].transport.socket, &event) != 0)
        fail(2, "epoll does not take connection %d", index);
}

bool connection_open(struct load *load, int index) {
    struct connection *connection = &load->connections[index];
    const struct options *options = &load->options;
    if (!transport_open(&connection->transport, options->ports[connection->port_index], index)) return false;
    connection->opened_at = now();
    connection->state = CONNECTING;
    load->pending += 1;
    watch(load, index, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
    return true;
}

void connection_close(struct connection *connection) {
    transport_close(&connection->transport);
    free(connection->rest);
    connection->rest = NULL;
    connection->rest_length = 0;
    connection->state = CLOSED;
}

static void lost(struct load *load, int index) {
    struct connection *connection = &load->connections[index];
    if (connection->state != JOINED) fail(3, "the server ended connection %d before it had joined", index);
    load->ready -= 1;
    load->dropped += 1;
    connection_close(connection);
}

void connection_send(struct load *load, int index, const char *text, size_t length) {
    uint8_t bytes[4096];
    size_t count = frame_write(bytes, 0x1, text, length);
    if (!transport_write(&load->connections[index].transport, bytes, count))
        fail(3, "connection %d takes nothing", index);
}

static void upgrade(struct load *load, int index) {
    struct connection *connection = &load->connections[index];
    int status = transport_handshake(&connection->transport);
    if (status == TRANSPORT_AGAIN) return;
    if (status == TRANSPORT_CLOSED) fail(3, "connection %d was refused", index);
    char request[512];
    int count =
        snprintf(request, sizeof request,
                 "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: bWFydGxldC1iZW5jaG1hcg==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                 load->options.ports[connection->port_index],
                 load->options.deflate ? "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; "
                                         "server_no_context_takeover\r\n"
                                       : "");
    if (!transport_write(&connection->transport, (uint8_t *)request, (size_t)count))
        fail(3, "cannot send the handshake");
    watch(load, index, EPOLL_CTL_MOD, EPOLLIN);
    connection->state = UPGRADING;
}

static void greet(struct load *load, int index) {
    struct connection *connection = &load->connections[index];
    char hello[2048];
    int count = snprintf(hello, sizeof hello, "{\"type\":\"hello\"}");
    connection->is_resuming = connection->token && connection->position[0];
    if (connection->is_resuming)
        count = snprintf(hello, sizeof hello, "{\"type\":\"hello\",\"token\":\"%s\",\"resume\":{\"r%d\":%s}}",
                         connection->token, index % load->options.rooms, connection->position);
    connection_send(load, index, hello, (size_t)count);
    connection->state = GREETING;
}

// The bytes of the handshake's answer; 0 when it is not complete.
static size_t upgraded(struct load *load, int index, const uint8_t *bytes, size_t count) {
    const uint8_t *end = memmem(bytes, count, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t length = (size_t)(end - bytes) + 4;
    if (length < 12 || memcmp(bytes, "HTTP/1.1 101", 12) != 0) fail(3, "answered %.*s", 40, (const char *)bytes);
    if (load->options.deflate && !memmem(bytes, length, "permessage-deflate", 18))
        fail(5, "the server does not speak permessage-deflate");
    greet(load, index);
    return length;
}

static const char *value_of(const char *text, size_t length, const char *key) {
    const char *found = memmem(text, length, key, strlen(key));
    return found ? found + strlen(key) : NULL;
}

static void welcomed(struct load *load, int index, const char *text, size_t length) {
    struct connection *connection = &load->connections[index];
    connection->state = JOINING;
    const char *token = value_of(text, length, "\"token\":\"");
    const char *end = token ? memchr(token, '"', length - (size_t)(token - text)) : NULL;
    if (load->options.storm && end && end - token < 1500) {
        free(connection->token);
        connection->token = strndup(token, (size_t)(end - token));
    }
    if (connection->is_resuming) return;
    char join[96];
    int room = index % load->options.rooms;
    int count = snprintf(join, sizeof join, "{\"type\":\"join\",\"room\":\"r%d\",\"history\":0}", room);
    connection_send(load, index, join, (size_t)count);
}

static void joined(struct load *load, int index, const char *text, size_t length) {
    struct connection *connection = &load->connections[index];
    connection->state = JOINED;
    load->pending -= 1;
    load->ready += 1;
    histogram_add(&load->ready_times, (now() - connection->opened_at) / 1000);
    char epoch[64];
    const char *start = value_of(text, length, "\"epoch\":");
    unsigned long offset, at;
    if (start && sscanf(start, "\"%63[^\"]\",\"offset\":%lu,\"at\":%lu", epoch, &offset, &at) == 3)
        snprintf(connection->position, sizeof connection->position, "{\"epoch\":\"%s\",\"offset\":%lu,\"at\":%lu}",
                 epoch, offset, at);
}

static bool has_type(const struct frame *frame, const char *type) {
    return value_of((const char *)frame->payload, frame->length < 40 ? frame->length : 40, type) != NULL;
}

static void take(struct load *load, int index, struct frame *frame) {
    struct connection *connection = &load->connections[index];
    if (frame->opcode == 0x9) {
        uint8_t pong[140];
        size_t length = frame->length < 125 ? frame->length : 125;
        transport_write(&connection->transport, pong, frame_write(pong, 0xA, frame->payload, length));
        return;
    }
    if (frame->opcode != 0x1) return;
    if (frame->compressed && !frame_inflate(frame)) fail(3, "a compressed frame is broken");
    const char *text = (const char *)frame->payload;
    if (connection->state == JOINED) return received(load, index, frame->payload, frame->length);
    if (has_type(frame, "\"type\":\"error\"")) fail(3, "refused: %.*s", (int)frame->length, text);
    if (connection->state == GREETING && has_type(frame, "\"type\":\"welcome\""))
        welcomed(load, index, text, frame->length);
    else if (connection->state == JOINING && has_type(frame, "\"type\":\"joined\""))
        joined(load, index, text, frame->length);
}

// What is left over is kept until more of it comes.
static void consume(struct load *load, int index, size_t count) {
    struct connection *connection = &load->connections[index];
    size_t used = 0;
    if (connection->state == UPGRADING) used = upgraded(load, index, input, count);
    while (connection->state >= GREETING) {
        struct frame frame;
        long length = frame_parse(input + used, count - used, &frame);
        if (length < 0) fail(3, "connection %d got a broken frame", index);
        if (length == 0) break;
        used += (size_t)length;
        take(load, index, &frame);
    }
    free(connection->rest);
    connection->rest = NULL;
    connection->rest_length = count - used;
    if (connection->rest_length == 0) return;
    if (connection->rest_length > READ_BYTES) fail(3, "connection %d got a frame too large", index);
    connection->rest = malloc(connection->rest_length);
    if (!connection->rest) fail(2, "out of memory");
    memcpy(connection->rest, input + used, connection->rest_length);
}

void connection_event(struct load *load, int index) {
    struct connection *connection = &load->connections[index];
    if (connection->state == CLOSED) return;
    if (connection->state == CONNECTING) upgrade(load, index);
    if (connection->state < UPGRADING) return;
    // TLS can hold back what epoll no longer tells of, so it is read until there is no more.
    do {
        size_t rest = connection->rest_length;
        if (rest > 0) memcpy(input, connection->rest, rest);
        long count = transport_read(&connection->transport, input + rest, READ_BYTES);
        if (count == TRANSPORT_AGAIN) return;
        if (count == TRANSPORT_CLOSED) return lost(load, index);
        consume(load, index, rest + (size_t)count);
    } while (connection->transport.tls && connection->state != CLOSED);
}
