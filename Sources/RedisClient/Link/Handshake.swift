/// What a link says first, as a value: all commands go out at once, then each reply is judged in order.
struct Handshake {
    enum Step: Equatable {
        case authenticate(user: String?, password: String)
        case setName(String)
        case select(Int)
        case load(RedisScript)
        /// Always last: without a login or scripts nothing else would notice that Redis is loading or wants a password.
        case ping
    }

    enum Action: Equatable {
        case wait
        case finished
        case failed(RedisLinkFailure)
    }

    private let endpoint: RedisEndpoint
    private let steps: [Step]
    /// We are waiting for the reply to the step at this index.
    private var position = 0

    init(endpoint: RedisEndpoint, scripts: [RedisScript], clientName: String?, selectsDatabase: Bool) {
        var steps: [Step] = []
        if let password = endpoint.password { steps.append(.authenticate(user: endpoint.user, password: password)) }
        if let clientName { steps.append(.setName(clientName)) }
        if selectsDatabase && endpoint.database != 0 { steps.append(.select(endpoint.database)) }
        steps += scripts.map(Step.load)
        steps.append(.ping)
        self.endpoint = endpoint
        self.steps = steps
    }

    var commands: [[RedisArgument]] { steps.map(\.command) }

    mutating func receive(_ reply: RedisValue) -> Action {
        guard position < steps.count else {
            return .failed(.init(kind: .protocolViolation, reason: "\(endpoint) answered more than it was asked"))
        }
        let step = steps[position]
        if case .error(let error) = reply, !step.mayFail(with: error) {
            return .failed(.init(kind: .refused(error), reason: step.reason(error, at: endpoint)))
        }
        if case .load(let script) = step, reply.string != script.sha1 {
            let reason = "\(endpoint) answered the script \(script.name) with something else than its SHA-1"
            return .failed(.init(kind: .protocolViolation, reason: reason))
        }
        position += 1
        return position == steps.count ? .finished : .wait
    }
}

extension Handshake.Step {
    fileprivate var command: [RedisArgument] {
        switch self {
        case .authenticate(nil, let password): ["AUTH", RedisArgument(password)]
        case .authenticate(let user?, let password): ["AUTH", RedisArgument(user), RedisArgument(password)]
        case .setName(let name): ["CLIENT", "SETNAME", RedisArgument(name)]
        case .select(let database): ["SELECT", RedisArgument(database)]
        case .load(let script): ["SCRIPT", "LOAD", RedisArgument(script.source)]
        case .ping: ["PING"]
        }
    }

    /// A name in CLIENT LIST is a courtesy: a user without the right to CLIENT may connect all the same.
    fileprivate func mayFail(with error: RedisServerError) -> Bool {
        guard case .setName = self else { return false }
        return error.code == "NOPERM"
    }

    fileprivate func reason(_ error: RedisServerError, at endpoint: RedisEndpoint) -> String {
        switch (self, error.code) {
        case (_, "NOAUTH"):
            "\(endpoint) asks for a password: put it in the URL, redis://:PASSWORD@… or redis://USER:PASSWORD@…"
        case (_, "LOADING"):
            "\(endpoint) is still loading its data"
        case (.authenticate, "WRONGPASS"):
            "\(endpoint) refused the login: check the user and the password in the URL (\(error))"
        case (.authenticate, _) where error.message.contains("without any password configured"):
            "\(endpoint) has no password, but the URL carries one: leave it out, or set requirepass in Redis"
        case (.authenticate, _):
            "\(endpoint) refused the login (\(error))"
        case (.setName, _):
            "\(endpoint) refused the client's name (\(error))"
        case (.select(let database), _):
            "\(endpoint) refused database \(database) (\(error))"
        case (.load(let script), _):
            "\(endpoint) refused the script \(script.name) (\(error))"
        case (.ping, _):
            "\(endpoint) answered PING with \(error)"
        }
    }
}
