import Logging
import NIOCore
import Synchronization

/// The keys of one issuer, kept up to date. What was read last stays good while its place cannot be read.
final class IssuerKeys: Sendable {
    let issuer: Issuer
    private let fetch: KeyFetch
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var keys: KeySet?
        /// What the keys were read from; to be read again only when it is other bytes.
        var source: [UInt8] = []
        /// A reading that others can wait for, too.
        var underWay: Task<KeyFailure?, Never>?
        var begun: ContinuousClock.Instant?
        /// Readings that failed, one after the other.
        var failures = 0
    }

    /// How often files are looked at.
    private static let fileInterval = Duration.seconds(2)
    private static let longestPause = Duration.seconds(60)

    init(_ issuer: Issuer, fetch: KeyFetch, logger: Logger) {
        self.issuer = issuer
        self.fetch = fetch
        var logger = logger
        logger[metadataKey: "issuer"] = "\(issuer.name)"
        self.logger = logger
    }

    /// What is known now; `nil`: nothing as yet.
    var keys: KeySet? { self.state.withLock { $0.keys } }

    /// Whether the keys are somewhere that may be out of reach for a while.
    private var isRemote: Bool {
        if case .url = self.issuer.keys { true } else { false }
    }

    /// Reads the keys the first time.
    ///
    /// - Throws: ``KeyFailure`` for a file that cannot be used. A URL may answer later.
    func begin() async throws {
        guard let failure = await self.read() else { return }
        guard self.isRemote else { throw KeyFailure("\(self.issuer.name): \(failure)") }
        self.logger.warning(
            "the keys of an issuer cannot be fetched: its tokens cannot be checked until they are",
            metadata: ["reason": "\(failure)"])
    }

    /// Reads the keys again and again, until the task is cancelled.
    func keep() async {
        while (try? await Task.sleep(for: self.pause)) != nil {
            let former = self.state.withLock { $0.failures }
            let failure = await self.read()
            switch (failure, former) {
            case (nil, 1...):
                self.logger.info("the keys of an issuer can be read again")
            case (let failure?, 0):
                self.logger.error(
                    "the keys of an issuer cannot be read: the former ones go on", metadata: ["reason": "\(failure)"])
            case (let failure?, _):
                self.logger.debug("still no keys of an issuer", metadata: ["reason": "\(failure)"])
            default: continue
            }
        }
    }

    /// Longer and longer after failures, and never at the same moment as other nodes.
    private var pause: Duration {
        guard self.isRemote else { return Self.fileInterval }
        let failures = self.state.withLock { $0.failures }
        let pause =
            failures == 0
            ? self.issuer.refreshInterval
            : min(.seconds(1 << min(failures, 6)), Self.longestPause, self.issuer.refreshInterval)
        return pause * Double.random(in: 0.75...1)
    }

    /// A token names a key that is not known. Reads the keys again, unless that was done a short while ago: whoever sends
    /// tokens with made-up names must not make us ask the issuer each time.
    func learn() async {
        guard self.isRemote else { return }
        let isDue = self.state.withLock { state in
            state.underWay != nil || state.begun.map { $0 + self.issuer.unknownKeyInterval <= .now } ?? true
        }
        if isDue { _ = await self.read() }
    }

    /// One reading at a time: who comes meanwhile gets its outcome.
    private func read() async -> KeyFailure? {
        let task = self.state.withLock { state in
            if let task = state.underWay { return task }
            state.begun = .now
            let task = Task { await self.readOnce() }
            state.underWay = task
            return task
        }
        return await task.value
    }

    private func readOnce() async -> KeyFailure? {
        let result: Result<(KeySet, [UInt8])?, KeyFailure>
        do {
            let bytes = try await self.bytes()
            if self.state.withLock({ $0.keys != nil && $0.source == bytes }) {
                result = .success(nil)
            } else {
                result = .success((try await self.keys(in: bytes), bytes))
            }
        } catch let failure as KeyFailure {
            result = .failure(failure)
        } catch {
            result = .failure(KeyFailure("\(error)"))
        }
        let isNew = self.state.withLock { state in
            state.underWay = nil
            switch result {
            case .success(let read):
                let isRenewed = read != nil && state.keys != nil
                if let (keys, bytes) = read { (state.keys, state.source) = (keys, bytes) }
                state.failures = 0
                return isRenewed
            case .failure:
                state.failures += 1
                return false
            }
        }
        if isNew { self.logger.info("an issuer has other keys now") }
        return if case .failure(let failure) = result { failure } else { nil }
    }

    private func bytes() async throws -> [UInt8] {
        switch self.issuer.keys {
        case .secret(let path), .file(let path):
            do {
                return try KeyFile.read(path)
            } catch {
                throw KeyFailure("\(path) \(error)")
            }
        case .url(let url):
            do {
                return try await self.fetch.get(url)
            } catch {
                throw KeyFailure("\(url): \(error)")
            }
        }
    }

    private func keys(in bytes: [UInt8]) async throws -> KeySet {
        switch self.issuer.keys {
        case .secret(let path):
            let secret = bytes.trimmed
            do {
                return try KeySet([await .secret(secret, id: self.issuer.keyID)])
            } catch {
                throw KeyFailure("\(path): \(error)")
            }
        case .file(let place), .url(let place):
            do {
                return try await .read(bytes, for: self.issuer)
            } catch {
                throw KeyFailure("\(place): \(error)")
            }
        }
    }
}

extension [UInt8] {
    /// Without spaces and line breaks around it, which editors put behind a secret.
    fileprivate var trimmed: [UInt8] {
        let isSpace = { (byte: UInt8) in " \t\r\n".utf8.contains(byte) }
        return Array(self.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
