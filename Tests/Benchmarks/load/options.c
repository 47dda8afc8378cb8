#include "load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: load --port PORT [--port PORT]… [options]\n"
    "Connects to ws://127.0.0.1:PORT/ws. Prints an event a line; reads `go` a line: each runs the workload once.\n"
    "  --connections N   1000        --rooms N        1       connection i is in room i mod N\n"
    "  --publishers N    1           --window N       1       messages a publisher has on their way\n"
    "  --rate N          messages a second of all publishers; without it the next goes when one's own is back\n"
    "  --messages N      this many messages, instead of --warmup 1 and --duration 4 seconds\n"
    "  --text-bytes N    80          --in-flight N    100     connections being made at a time\n"
    "  --idle            nobody publishes\n"
    "  --storm           all connections break at once and resume, at the next port\n"
    "  --tls             wss, any certificate\n"
    "  --deflate         permessage-deflate; exit status 5 where the server does not speak it\n";

static void wrong(const char *what) {
    fprintf(stderr, "load: %s\n%s", what, usage);
    exit(2);
}

static double number(const char *text, double least) {
    char *end;
    double value = strtod(text, &end);
    if (*end != 0 || end == text || value < least || value > 1e9) wrong("a number is out of range");
    return value;
}

struct options parse_options(int argc, char **argv) {
    static const struct option names[] = {
        {"port", 1, 0, 'p'},     {"connections", 1, 0, 'c'}, {"rooms", 1, 0, 'r'},     {"publishers", 1, 0, 'u'},
        {"window", 1, 0, 'w'},   {"rate", 1, 0, 'a'},        {"messages", 1, 0, 'm'},  {"warmup", 1, 0, 'W'},
        {"duration", 1, 0, 'd'}, {"text-bytes", 1, 0, 't'},  {"in-flight", 1, 0, 'f'}, {"idle", 0, 0, 'i'},
        {"storm", 0, 0, 's'},    {"tls", 0, 0, 'T'},         {"deflate", 0, 0, 'D'},   {0, 0, 0, 0},
    };
    struct options options = {
        .connections = 1000,
        .rooms = 1,
        .publishers = 1,
        .window = 1,
        .warmup = 1,
        .duration = 4,
        .text_bytes = 80,
        .in_flight = 100,
    };
    int name;
    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (name) {
        case 'p':
            if (options.port_count == MAX_URLS) wrong("too many ports");
            options.ports[options.port_count++] = (int)number(optarg, 1);
            break;
        case 'c': options.connections = (int)number(optarg, 1); break;
        case 'r': options.rooms = (int)number(optarg, 1); break;
        case 'u': options.publishers = (int)number(optarg, 1); break;
        case 'w': options.window = (int)number(optarg, 1); break;
        case 'a': options.rate = number(optarg, 0.001); break;
        case 'm': options.messages = (long)number(optarg, 1); break;
        case 'W': options.warmup = number(optarg, 0); break;
        case 'd': options.duration = number(optarg, 0.01); break;
        case 't': options.text_bytes = (int)number(optarg, TOKEN_BYTES); break;
        case 'f': options.in_flight = (int)number(optarg, 1); break;
        case 'i': options.idle = true; break;
        case 's': options.storm = true; break;
        case 'T': options.tls = true; break;
        case 'D': options.deflate = true; break;
        default: wrong("unknown option");
        }
    }
    if (options.port_count == 0) wrong("no --port");
    if (options.publishers > options.connections) wrong("more publishers than connections");
    if (options.text_bytes > 3000) wrong("--text-bytes is 3000 at most");
    return options;
}
