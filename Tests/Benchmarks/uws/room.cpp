// A room server on uWebSockets and hiredis that speaks as much of Martlet's protocol as the load generator does: the
// yardstick of docs/performance.md. It stores nothing, checks nothing and knows nobody.
//
//   room PORT REDIS_PORT

#include <App.h>
#include <hiredis/async.h>
#include <sys/time.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

// What uSockets calls when a descriptor that is no socket of its own is ready.
extern "C" {
#include <internal/internal.h>
}

namespace {

struct Member {};
using Socket = uWS::WebSocket<false, true, Member>;

// hiredis' adapter for a loop of uSockets: https://github.com/redis/hiredis, "Hooking it up to event library X".
class RedisLink {
   public:
    RedisLink(us_loop_t *loop, int port) : context(redisAsyncConnect("127.0.0.1", port)), loop(loop) {
        if (!context || context->err) fail(context ? context->errstr : "no memory");
        poll = us_create_poll(loop, 0, sizeof(Poll) - sizeof(us_poll_t));
        auto *each = reinterpret_cast<Poll *>(poll);
        us_poll_init(poll, context->c.fd, POLL_TYPE_CALLBACK);
        each->callback.loop = loop;
        each->callback.cb_expects_the_loop = 0;
        each->callback.leave_poll_ready = 1;
        each->callback.cb = [](us_internal_callback_t *callback) {
            reinterpret_cast<Poll *>(callback)->link->ready();
        };
        each->link = this;
        context->ev.data = this;
        context->ev.addRead = [](void *link) { static_cast<RedisLink *>(link)->want(LIBUS_SOCKET_READABLE, true); };
        context->ev.delRead = [](void *link) { static_cast<RedisLink *>(link)->want(LIBUS_SOCKET_READABLE, false); };
        context->ev.addWrite = [](void *link) { static_cast<RedisLink *>(link)->want(LIBUS_SOCKET_WRITABLE, true); };
        context->ev.delWrite = [](void *link) { static_cast<RedisLink *>(link)->want(LIBUS_SOCKET_WRITABLE, false); };
        redisAsyncSetConnectCallback(context, [](const redisAsyncContext *, int status) {
            if (status != REDIS_OK) fail("cannot connect");
        });
        redisAsyncSetDisconnectCallback(context, [](const redisAsyncContext *, int) { fail("Redis has gone"); });
        want(LIBUS_SOCKET_WRITABLE, true);
    }

    redisAsyncContext *const context;

   private:
    struct Poll {
        us_internal_callback_t callback;
        RedisLink *link;
    };

    [[noreturn]] static void fail(const char *reason) {
        std::fprintf(stderr, "redis: %s\n", reason);
        std::exit(1);
    }

    void want(int event, bool isWanted) {
        int before = events;
        events = isWanted ? events | event : events & ~event;
        if (events == before) return;
        if (before == 0)
            us_poll_start(poll, loop, events);
        else if (events == 0)
            us_poll_stop(poll, loop);
        else
            us_poll_change(poll, loop, events);
    }

    void ready() {
        // Level-triggered: what can be read as well is told again.
        if (events & LIBUS_SOCKET_WRITABLE)
            redisAsyncHandleWrite(context);
        else
            redisAsyncHandleRead(context);
    }

    us_loop_t *loop;
    us_poll_t *poll = nullptr;
    int events = 0;
};

std::string_view field(std::string_view frame, std::string_view key) {
    size_t start = frame.find(key);
    if (start == std::string_view::npos) return {};
    start += key.size();
    size_t end = frame.find('"', start);
    return end == std::string_view::npos ? std::string_view() : frame.substr(start, end - start);
}

uWS::App *application;
RedisLink *publisher;
RedisLink *subscriber;
std::unordered_map<std::string, unsigned long> rooms;

void heard(redisAsyncContext *, void *answer, void *) {
    auto *reply = static_cast<redisReply *>(answer);
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 3) return;
    if (reply->element[0]->len != 7 || std::memcmp(reply->element[0]->str, "message", 7) != 0) return;
    auto *room = reply->element[1], *entry = reply->element[2];
    application->publish({room->str, room->len}, {entry->str, entry->len}, uWS::OpCode::TEXT);
}

void join(Socket *socket, std::string_view frame) {
    std::string room(field(frame, "\"room\":\""));
    if (rooms.try_emplace(room, 0).second)
        redisAsyncCommand(subscriber->context, heard, nullptr, "SUBSCRIBE %b", room.data(), room.size());
    socket->subscribe(room);
    socket->send("{\"type\":\"joined\",\"room\":\"" + room + "\"}", uWS::OpCode::TEXT);
}

void send(std::string_view frame) {
    std::string room(field(frame, "\"room\":\""));
    std::string_view text = field(frame, "\"text\":\"");
    timeval time;
    gettimeofday(&time, nullptr);
    char entry[4096];
    // As long as Martlet's entry is.
    int count = std::snprintf(
        entry, sizeof entry,
        "{\"offset\":%lu,\"epoch\":\"11opdvpcvj5jp\",\"at\":%lld,\"type\":\"message\",\"room\":\"%s\",\"from\":{\"id\":"
        "\"g-e82872420d4cab0c8e8ab476ea4ddc04\",\"name\":\"guest-4ddc04\"},\"text\":\"%.*s\"}",
        ++rooms[room], (long long)time.tv_sec * 1000 + time.tv_usec / 1000, room.c_str(), (int)text.size(), text.data());
    if (count < 0 || (size_t)count >= sizeof entry) return;
    redisAsyncCommand(publisher->context, nullptr, nullptr, "PUBLISH %b %b", room.data(), room.size(), entry,
                      (size_t)count);
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: %s PORT REDIS_PORT\n", arguments[0]);
        return 64;
    }
    uWS::App app;
    application = &app;
    auto *loop = reinterpret_cast<us_loop_t *>(uWS::Loop::get());
    publisher = new RedisLink(loop, std::atoi(arguments[2]));
    subscriber = new RedisLink(loop, std::atoi(arguments[2]));
    app.ws<Member>("/ws", {.maxPayloadLength = 65536,
                           .maxBackpressure = 4 << 20,
                           .message =
                               [](Socket *socket, std::string_view frame, uWS::OpCode) {
                                   std::string_view type = field(frame, "\"type\":\"");
                                   if (type == "send")
                                       send(frame);
                                   else if (type == "join")
                                       join(socket, frame);
                                   else if (type == "hello")
                                       socket->send("{\"type\":\"welcome\"}", uWS::OpCode::TEXT);
                               }})
        .listen("127.0.0.1", std::atoi(arguments[1]),
                [&](us_listen_socket_t *socket) {
                    if (!socket) {
                        std::fprintf(stderr, "port %s cannot be listened on\n", arguments[1]);
                        std::exit(1);
                    }
                })
        .run();
}
