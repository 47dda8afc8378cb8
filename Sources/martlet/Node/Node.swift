import ChatCore
import ChatGateway
import ChatProtocol
import ChatRedis
import ExternalTokens
import Logging
import NIOCore
import NIOPosix
import RedisClient
import ServiceLifecycle

/// One server process, one life of it: wires the parts and runs them until a signal ends it.
struct Node {
    let blueprint: NodeBlueprint
    /// What has to run before the node and to end after it: a private Redis.
    let foundation: [any Service]
    let signals: ShutdownSignals

    func run() async throws {
        let configuration = self.blueprint.configuration
        let certificate = try Self.certificate(configuration.tls)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.threads)
        let hubLoop = group.next()
        let secret = try await self.secret(on: hubLoop)
        let tokens = self.blueprint.tokens(secret: secret)
        let external = try await self.externalTokens(on: group)
        let identities = NodeIdentities(own: tokens, external: external)
        let loops = try await NodeLoops.start(self.blueprint, identities: identities, on: group)
        let accounts = try await NodeAccounts.start(self.blueprint, loops: loops, tokens: tokens, on: group.next())
        let overview = try await NodeOverview.start(self.blueprint, on: group.next())
        let attachments = try await NodeAttachments.start(
            self.blueprint, loops: loops, secret: secret, on: group.next())
        let hub = try await NodeHub.start(self.blueprint, loops: loops, secret: secret, on: hubLoop)
        let gate = ConnectionGate()
        let server = ChatServer(
            configuration: self.blueprint.gateway(
                webRoot: configuration.webRoot ?? WebRoot.beside(executable: Self.executable),
                certificate: certificate
            ),
            loops: loops.sessionLoops,
            hub: hub.handle,
            monitor: NodeMonitor(loops: loops.handles, hub: hub.handle, gate: gate),
            gate: gate,
            attachments: attachments.sessions,
            auth: accounts.auth,
            operators: OperatorAPI(
                gate: OperatorGate(identities: identities, accounts: accounts.store), overview: overview),
            logger: self.blueprint.logger
        )
        let listener = server.service(on: group) { [blueprint] address in Self.announce(address, blueprint) }
        let drain = DrainService(
            loops: loops, hub: hub.handle, gate: gate, window: configuration.drain, logger: self.blueprint.logger)
        let watch = certificate.map { CertificateWatch(certificate: $0, logger: self.blueprint.logger) }
        // The event loops end with the process: timers of links and sessions may still be waiting on them.
        let keys = external.map { IssuerKeyWatch(tokens: $0) }
        try await self.run(
            [accounts, attachments, overview, hub] + (keys.map { [$0] } ?? []) + [listener] + (watch.map { [$0] } ?? [])
                + [drain]
        )
    }

    /// `nil`: nobody else's tokens are good here.
    private func externalTokens(on group: any EventLoopGroup) async throws -> ExternalTokens? {
        let configuration = self.blueprint.configuration
        guard !configuration.issuers.isEmpty else { return nil }
        let tokens = ExternalTokens(
            configuration.issuers, operators: configuration.operators, on: group, logger: self.blueprint.logger)
        do {
            try await tokens.begin()
        } catch {
            await tokens.close()
            throw UserFacingError("cannot check the tokens of an issuer: \(error); correct MARTLET_ISSUERS")
        }
        return tokens
    }

    private static func certificate(_ files: TLSFiles?) throws -> ServerCertificate? {
        guard let files else { return nil }
        do {
            return try ServerCertificate(certificatePath: files.certificate, keyPath: files.key)
        } catch {
            throw UserFacingError("cannot speak TLS: \(error); check tlsCertificate and tlsKey")
        }
    }

    /// Services start in this order and end in the other one: drain, stop listening, leave Redis, end Redis.
    private func run(_ services: [any Service]) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: (self.foundation + services).map { .init(service: $0) },
                logger: self.blueprint.logger
            )
        )
        await self.signals.attach(group)
        do {
            try await group.run()
        } catch let error where error is IOError || error is SocketAddressError.UnknownHost {
            let configuration = self.blueprint.configuration
            throw UserFacingError.cannotListen(host: configuration.host, port: configuration.port, error: error)
        }
    }

    /// Waits until Redis answers, looks whether it is fit for us, and gets what tokens are signed with.
    private func secret(on eventLoop: any EventLoop) async throws -> [UInt8] {
        let blueprint = self.blueprint
        let deadline = TimeAmount.seconds(5)
        let loaded = eventLoop.flatSubmit { () -> EventLoopFuture<String> in
            let link = blueprint.commandLink(on: eventLoop, name: "start")
            let secrets = TokenSecretStore(link: link, keys: blueprint.keys)
            link.start()
            return link.whenReady(within: deadline).assumeIsolated()
                .flatMap { RedisHealth.check(link) }
                .flatMap { secrets.load() }
                .always { _ in link.close() }
                .nonisolated()
        }
        do {
            let shared = try await loaded.get()
            return blueprint.configuration.secret?.bytes ?? Array(shared.utf8)
        } catch {
            throw UserFacingError(
                "cannot use Redis at \(blueprint.endpoint): \(error); check --redis or MARTLET_REDIS and that it runs"
            )
        }
    }

    private static func announce(_ address: SocketAddress?, _ blueprint: NodeBlueprint) {
        let host = blueprint.configuration.host
        let port = address?.port ?? blueprint.configuration.port
        blueprint.logger.info(
            "ready on \(blueprint.configuration.tls == nil ? "http" : "https")://\(host == "0.0.0.0" || host == "127.0.0.1" ? "localhost" : host):\(port)",
            metadata: ["node": "\(blueprint.node)", "redis": "\(blueprint.endpoint)"]
        )
    }

    private static var executable: String? {
        CommandLine.arguments.first.map { $0.contains("/") ? $0 : "/proc/self/exe" }
    }
}
