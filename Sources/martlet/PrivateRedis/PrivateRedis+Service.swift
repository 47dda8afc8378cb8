import ServiceLifecycle

/// As the first service of a group it is the last to be stopped, when nothing needs Redis any more.
extension PrivateRedis: Service {
    func run() async throws {
        try? await gracefulShutdown()
        await stop()
    }
}
