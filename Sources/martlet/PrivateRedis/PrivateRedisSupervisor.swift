import Logging

/// Keeps a private server running until the task is cancelled.
struct PrivateRedisSupervisor: Sendable {
    let server: PrivateRedisServer
    let events: AsyncStream<PrivateRedis.Event>.Continuation

    /// - Parameter onStart: called with the outcome of the first start. After a failed one this returns: a server that
    ///   never worked would not work the next time either.
    func run(onStart: @escaping @Sendable (Result<Void, any Error>) -> Void) async {
        let clock = ContinuousClock()
        let started = ReadyFlag()
        var backoff = server.timing.firstBackoff
        while !Task.isCancelled {
            let birth = clock.now
            let reason: UserFacingError
            do {
                let ending = try await server.live {
                    if started.isSet {
                        events.yield(.restarted)
                        server.logger.notice("the private Redis is back")
                    } else {
                        started.set()
                        onStart(.success(()))
                    }
                }
                reason = PrivateRedisFailure(ending: ending, paths: server.paths).error
            } catch let error as UserFacingError {
                reason = error
            } catch {
                reason = UserFacingError("the private Redis cannot be started: \(error)")
            }
            if Task.isCancelled { return }
            guard started.isSet else {
                onStart(.failure(reason))
                return
            }
            if clock.now - birth >= server.timing.steadyAfter { backoff = server.timing.firstBackoff }
            events.yield(.ended(reason: reason.message))
            server.logger.error("\(reason.message)", metadata: ["restart_in": "\(DurationText.format(backoff))"])
            try? await Task.sleep(for: backoff)
            backoff = min(backoff * 2, server.timing.longestBackoff)
        }
    }
}
