// A WebSocket load generator for Martlet's protocol: one thread, one epoll, loopback only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Options (options.c)

enum { MAX_URLS = 8 };

struct options {
    int ports[MAX_URLS]; // of ws://127.0.0.1:PORT/ws; connections are spread over them
    int port_count;
    int connections;
    int rooms;       // connection i is in room i mod rooms
    int publishers;  // connections 0 ..< publishers
    int window;      // messages that a publisher has on their way, when rate is 0
    double rate;     // messages a second of all publishers together; 0: as fast as they come back
    long messages;   // a fixed number of messages instead of a duration; 0: none
    double warmup;   // seconds, not measured
    double duration; // seconds
    int text_bytes;  // of a message's text, at least TOKEN_BYTES
    int in_flight;   // connections being made at a time
    bool idle;       // nobody publishes
    bool storm;      // all connections break at once and resume at the next port
    bool tls;
    bool deflate; // permessage-deflate is asked for, and needed
};

// Ends the program, saying how it is used, when the options are wrong.
struct options parse_options(int argc, char **argv);

// MARK: Latencies (histogram.c)

// Counts of microseconds in buckets that are 1.6 % wide at most.
struct histogram {
    uint64_t counts[64 * 32];
    uint64_t total;
};

void histogram_add(struct histogram *histogram, uint64_t microseconds);
// The value that the given share (0 to 1) of all counts does not exceed; 0 when there are none.
uint64_t histogram_quantile(const struct histogram *histogram, double share);

// MARK: Bytes (transport.c)

struct ssl_st;

struct transport {
    int socket;
    struct ssl_st *tls;
};

enum { TRANSPORT_AGAIN = -1, TRANSPORT_CLOSED = -2 };

void transport_init(const struct options *options);
// Starts connecting to a loopback port; `number` spreads the local addresses, as each has 28,000 ports.
bool transport_open(struct transport *transport, int port, int number);
// 1: ready, TRANSPORT_AGAIN: call again when readable or writable, TRANSPORT_CLOSED: failed.
int transport_handshake(struct transport *transport);
// The number of bytes, TRANSPORT_AGAIN or TRANSPORT_CLOSED.
long transport_read(struct transport *transport, uint8_t *bytes, size_t capacity);
// All or nothing: what is sent here is small, so a full socket means that the server has stopped reading.
bool transport_write(struct transport *transport, const uint8_t *bytes, size_t count);
void transport_close(struct transport *transport);

// MARK: Frames (frames.c)

struct frame {
    uint8_t opcode;
    bool compressed;
    const uint8_t *payload;
    size_t length;
};

// The bytes of the first frame in `bytes`; 0 when it is not complete, -1 when it breaks RFC 6455.
long frame_parse(const uint8_t *bytes, size_t count, struct frame *frame);
// Writes a masked frame; `out` has room for length + 14 bytes. Returns its bytes.
size_t frame_write(uint8_t *out, uint8_t opcode, const void *payload, size_t length);
// Inflates a compressed frame in place of its payload, valid until the next call; false when it is broken.
bool frame_inflate(struct frame *frame);

// MARK: Connections (connection.c)

enum state { CLOSED, CONNECTING, UPGRADING, GREETING, JOINING, JOINED };

struct connection {
    struct transport transport;
    enum state state;
    int port_index;
    bool is_resuming;
    uint64_t opened_at; // nanoseconds
    uint8_t *rest;      // of an incomplete frame
    size_t rest_length;
    char *token;        // for resuming
    char position[112]; // of the room, as JSON; empty before it has joined
};

struct load {
    struct options options;
    int epoll;
    struct connection *connections;
    int ready;    // connections in JOINED
    int pending;  // connections between CLOSED and JOINED
    int next;     // to be opened
    long dropped; // connections that the server ended
    struct histogram ready_times;
    // What is being measured (workload.c)
    bool is_publishing, is_measuring;
    long sent, delivered, expected; // since the last go
    long measured;                  // deliveries in the measured window
    struct histogram latencies;
    int next_publisher;
};

uint64_t now(void); // nanoseconds, monotonic
void fail(int status, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
int members_of(const struct load *load, int room);

bool connection_open(struct load *load, int index);
void connection_event(struct load *load, int index);
void connection_send(struct load *load, int index, const char *text, size_t length);
void connection_close(struct connection *connection);

// MARK: Workload (workload.c)

enum { TOKEN_BYTES = 25 };

void publish(struct load *load, int index);
// A text frame that came for a member.
void received(struct load *load, int index, const uint8_t *text, size_t length);
void run_workload(struct load *load);
