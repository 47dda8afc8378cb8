#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

static SSL_CTX *tls_context;

void transport_init(const struct options *options) {
    if (!options->tls) return;
    tls_context = SSL_CTX_new(TLS_client_method());
    if (!tls_context) fail(2, "no TLS");
    // The certificate is made for the run; only the cost is of interest.
    SSL_CTX_set_verify(tls_context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(tls_context, SSL_MODE_RELEASE_BUFFERS);
}

bool transport_open(struct transport *transport, int port, int number) {
    transport->tls = NULL;
    transport->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (transport->socket < 0) fail(2, "no socket for connection %d: see `ulimit -n`", number);
    int on = 1;
    setsockopt(transport->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(transport->socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + number / 8000)};
    struct sockaddr_in remote = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    if (bind(transport->socket, (struct sockaddr *)&local, sizeof local) != 0) return false;
    if (connect(transport->socket, (struct sockaddr *)&remote, sizeof remote) != 0 && errno != EINPROGRESS)
        return false;
    if (tls_context) {
        transport->tls = SSL_new(tls_context);
        SSL_set_fd(transport->tls, transport->socket);
        SSL_set_connect_state(transport->tls);
    }
    return true;
}

static int tls_result(struct transport *transport, int result) {
    int error = SSL_get_error(transport->tls, result);
    ERR_clear_error();
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? TRANSPORT_AGAIN : TRANSPORT_CLOSED;
}

int transport_handshake(struct transport *transport) {
    if (!transport->tls) {
        int error = 0;
        socklen_t length = sizeof error;
        getsockopt(transport->socket, SOL_SOCKET, SO_ERROR, &error, &length);
        return error == 0 ? 1 : TRANSPORT_CLOSED;
    }
    int result = SSL_do_handshake(transport->tls);
    return result == 1 ? 1 : tls_result(transport, result);
}

long transport_read(struct transport *transport, uint8_t *bytes, size_t capacity) {
    if (transport->tls) {
        int count = SSL_read(transport->tls, bytes, (int)capacity);
        return count > 0 ? count : tls_result(transport, count);
    }
    ssize_t count = recv(transport->socket, bytes, capacity, 0);
    if (count > 0) return count;
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? TRANSPORT_AGAIN : TRANSPORT_CLOSED;
}

bool transport_write(struct transport *transport, const uint8_t *bytes, size_t count) {
    if (transport->tls) return SSL_write(transport->tls, bytes, (int)count) == (int)count;
    return send(transport->socket, bytes, count, MSG_NOSIGNAL) == (ssize_t)count;
}

void transport_close(struct transport *transport) {
    if (transport->tls) SSL_free(transport->tls);
    if (transport->socket >= 0) close(transport->socket);
    transport->tls = NULL;
    transport->socket = -1;
}
