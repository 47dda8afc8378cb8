import ChatCore
import ChatGateway
import ExternalTokens
import Logging
import NIOCore
import NIOSSL
import RedisClient

/// All settings of a node. The values here are the defaults; `NodeConfiguration+ConfigReader.swift` reads the rest.
///
/// Sizes are bytes.
struct NodeConfiguration: Sendable, Equatable {
    /// The address to listen on. The default is this machine only; `0.0.0.0` is every network.
    var host = "127.0.0.1"

    /// The TCP port of everything: WebSockets, web client, health and metrics. 0 takes any free one.
    var port = 8080

    /// The Redis that makes nodes a cluster: `redis://`, `rediss://` or `unix://`. Nil: a private one in ``data``.
    ///
    /// Its description hides the password.
    var redis: RedisEndpoint?

    /// What the certificate of a `rediss://` Redis is checked against; empty: the system's trusted ones.
    var redisRoots: [NIOSSLCertificate] = []

    /// This node's name, 1–40 of `A-Z a-z 0-9 . _ -`. The default is the machine's name. A node's id adds a random part.
    var node = "node"

    /// The directory of the private Redis, absolute. The default is `$XDG_DATA_HOME/martlet`.
    var data = "/var/lib/martlet"

    /// Event loops. The default is one for each core this process may use.
    var threads = System.coreCount

    var logLevel = Logger.Level.info

    /// What every Redis key and channel begins with.
    var prefix = "martlet:"

    /// How long this node counts as alive after its last heartbeat, by Redis's clock.
    var lease = Duration.seconds(15)

    /// How often the lease is renewed; at most a third of ``lease``.
    var heartbeat = Duration.seconds(5)

    /// How long a user whose connection was lost stays present, to come back unnoticed.
    var grace = Duration.seconds(5)

    /// How long a stopping node lets its sessions move to other nodes.
    var drain = Duration.seconds(15)

    /// How often a WebSocket ping goes out; two unanswered ones close the session.
    var pingInterval = Duration.seconds(25)

    /// How long a client may take until its `hello`.
    var helloTimeout = Duration.seconds(10)

    /// How many bytes may wait for a session that reads slowly before it is closed.
    var outboundLimit = 1024 * 1024

    /// How many entries a room's log keeps.
    var retention = 10_000

    /// The longest text of a message.
    var textLimit = 4096

    /// The largest frame a client may send.
    var frameLimit = 65536

    /// Whether one may chat without an account.
    var guests = true

    /// Whether one may register and log in.
    var accounts = true

    /// Whose tokens are good here besides our own.
    var issuers: [Issuer] = []

    /// Who runs the cluster.
    var operators = Operators()

    /// How long an account's session may go on under one token.
    var tokenLifetime = Duration.seconds(900)

    /// How long an account stays logged in without the password.
    var refreshLifetime = Duration.seconds(30 * 24 * 3600)

    /// The largest attachment; 0: none are taken.
    var attachmentLimit = 1 << 20

    /// How many bytes the attachments of one room may have together.
    var attachmentsPerRoom = 256 << 20

    /// For how long a link to an attachment of a room that is not public is good.
    var attachmentLinks = Duration.seconds(24 * 3600)

    /// How many rooms one session may be in.
    var roomsPerSession = 100

    /// Of rooms with more members than this, nodes and sessions know only the number.
    var largeRoom = 500

    /// How many frames a session may send at once.
    var burst = 20

    /// How many frames a second a session may send in the long run.
    var rate = 100.0

    /// Frames that all sessions of a user may send together. Nil: four times what one session may, for five seconds.
    var userFrames: Allowance?

    /// Rooms that a user may join.
    var userJoins = Allowance(600, per: 60_000)

    /// Private messages that a user may send to those who have never written to the user.
    var strangerMessages = Allowance(50, per: 300_000)

    /// Attempts of a user to take another name.
    var userRenames = Allowance(30, per: 600_000)

    /// KiB of attachments that a user may send.
    var userUploads = Allowance(64 * 1024, per: 60_000)

    /// Accounts that an address may register.
    var registrations = Allowance(30, per: 1_800_000)

    /// Logins from an address that may fail.
    var failedLogins = Allowance(10, per: 300_000)

    /// Proxies whose word on a client's address is believed.
    var trustedProxies = AddressRange.loopback

    /// Whether connections of those begin with a PROXY header.
    var proxyProtocol = false

    /// Which pages' scripts may open sessions, besides the node's own.
    var origins = OriginPolicy.sameOrigin

    /// How many connections an address may have on this node. 0: any number.
    var connectionsPerAddress = 1000

    /// How many sessions a user may have on this node. 0: any number.
    var sessionsPerUser = 100

    /// The PEM files of the certificate chain and of its key; nil: the port speaks no TLS.
    var tls: TLSFiles?

    /// Whether clients that offer compression (permessage-deflate) get it.
    var compression = false

    /// The shortest message that is compressed.
    var compressionThreshold = 128

    /// How long a command to Redis may take.
    var redisDeadline = Duration.seconds(2)

    /// On how many replicas of Redis an entry must be before its `send` is acknowledged. 0: stored is enough.
    var ackReplicas = 0

    /// How long an acknowledgement waits for the replicas; below ``redisDeadline``.
    var ackTimeout = Duration.milliseconds(500)

    /// Signs session tokens; every node of a cluster needs the same one. Nil: none is configured.
    var secret: Secret?

    /// A directory to serve as the web client instead of the built-in one; absolute.
    var webRoot: String?
}

/// The files that TLS needs; absolute paths.
struct TLSFiles: Sendable, Equatable {
    var certificate: String
    var key: String
}
