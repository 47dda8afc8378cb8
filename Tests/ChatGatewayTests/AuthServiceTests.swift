import ChatCore
import ChatProtocol
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ChatGateway

/// Accounts without HTTP and without Redis; hashes that cost little.
@Suite struct AuthServiceTests {
    private let accounts = FakeAccounts()
    private let service: AuthService

    init() {
        service = AuthService(
            accounts: accounts, tokens: ReadableTokens(), identities: ReadableTokens(),
            hasher: PasswordHasher(cost: .init(logN: 4)))
    }

    private func register(
        _ name: String = "Ann", _ password: String = "correct horse"
    ) async throws -> AuthService.Grant {
        try await service.register(name: name, password: password, address: "a")
    }

    @Test func whoRegistersCanLogIn() async throws {
        let ann = try await register()
        #expect(ann.account.user.string.hasPrefix("u-") && ann.account.name.string == "Ann")
        #expect(!ann.account.password.contains("horse"))
        let again = try await service.login(name: "ann", password: "correct horse", address: "a")
        #expect(again.account.user == ann.account.user)
        await #expect(throws: AuthError.nameTaken) { try await register("ANN", "another password") }
    }

    @Test func wrongNamesAndWrongPasswordsReadTheSame() async throws {
        _ = try await register()
        var errors: [AuthError] = []
        for (name, password) in [("ann", "wrong horse"), ("bob", "correct horse"), ("", "x"), ("ann", "")] {
            do throws {
                _ = try await service.login(name: name, password: password, address: "a")
            } catch let error as AuthError {
                errors.append(error)
            }
        }
        #expect(errors.count == 4 && errors.allSatisfy { $0 == errors[0] })
    }

    @Test(arguments: ["", "short", "1234567", String(repeating: "x", count: 257)])
    func passwordsThatAreNone(password: String) async throws {
        await #expect(throws: AuthError.self) { try await register("ann", password) }
        #expect(accounts.count == 0)
    }

    @Test func aNewPasswordAndLoggingOutMakeTokensVoid() async throws {
        let first = try await register()
        await #expect(throws: AuthError.self) {
            try await service.changePassword(first.session.text, from: "wrong", to: "a new password", address: "a")
        }
        let second = try await service.changePassword(
            first.session.text, from: "correct horse", to: "a new password", address: "a")
        await #expect(throws: AuthError.self) { try await service.refresh(first.refresh.text) }
        await #expect(throws: AuthError.self) { try await service.logout(first.session.text) }
        await #expect(throws: AuthError.self) {
            try await service.login(name: "ann", password: "correct horse", address: "a")
        }
        #expect(try await service.refresh(second.refresh.text).account.generation == second.account.generation)
        try await service.logout(second.session.text)
        await #expect(throws: AuthError.self) { try await service.refresh(second.refresh.text) }
        _ = try await service.login(name: "ann", password: "a new password", address: "a")
    }

    @Test func tokensOfOtherKindsAreRefused() async throws {
        let ann = try await register()
        await #expect(throws: AuthError.self) { try await service.refresh(ann.session.text) }
        await #expect(throws: AuthError.self) { try await service.logout(ann.refresh.text) }
        await #expect(throws: AuthError.self) { try await service.logout(nil) }
    }

    @Test func onlyFailuresCount() async throws {
        _ = try await register()
        for _ in 0..<20 { _ = try await service.login(name: "ann", password: "correct horse", address: "b") }
        for _ in 0..<10 {
            await #expect(throws: AuthError.self) { try await service.login(name: "ann", password: "x", address: "b") }
        }
        await #expect(throws: AuthError.tooMany(retryAfter: 30_000)) {
            try await service.login(name: "ann", password: "correct horse", address: "b")
        }
        _ = try await service.login(name: "ann", password: "correct horse", address: "c")
    }

    @Test func hashesAreSaltedAndReadBack() async throws {
        let hasher = PasswordHasher(cost: .init(logN: 4))
        let (one, other) = (try await hasher.hash("password"), try await hasher.hash("password"))
        #expect(one != other && one.hasPrefix("scrypt$4$8$1$"))
        #expect(try await hasher.isRight("password", for: one))
        #expect(try await !hasher.isRight("Password", for: one))
        for bad in [nil, "", "scrypt", "scrypt$99$8$1$AA==$AA==", "md5$4$8$1$AA==$AA==", "scrypt$4$8$1$$"] {
            #expect(try await !hasher.isRight("password", for: bad))
        }
        #expect(PasswordHasher.Cost() == .init(logN: 17, blockSize: 8, parallelism: 1))
    }

    @Test func onlySoManyHashesAtOnce() async throws {
        let hasher = PasswordHasher(cost: .init(logN: 14))
        let results = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 { group.addTask { (try? await hasher.hash("password")) != nil } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.contains(true) && results.contains(false))
        #expect(try await hasher.hash("password").isEmpty == false)
    }
}

private final class FakeAccounts: Accounts {
    private struct State {
        var accounts: [UserID: Account] = [:]
        var attempts: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    var count: Int { state.withLock { $0.accounts.count } }

    private func now<Value: Sendable>(_ body: (inout State) -> sending Value) -> EventLoopFuture<Value> {
        loop.makeSucceededFuture(state.withLock { body(&$0) })
    }

    func create(_ account: Account) -> EventLoopFuture<Bool> {
        now { state in
            guard !state.accounts.values.contains(where: { $0.name.folded == account.name.folded }) else {
                return false
            }
            state.accounts[account.user] = account
            return true
        }
    }

    func find(_ name: DisplayName) -> EventLoopFuture<Account?> {
        now { state in state.accounts.values.first { $0.name.folded == name.folded } }
    }

    func find(_ user: UserID) -> EventLoopFuture<Account?> { now { $0.accounts[user] } }

    func endSessions(of user: UserID, password: String?) -> EventLoopFuture<Int?> {
        now { state in
            if let password { state.accounts[user]?.password = password }
            state.accounts[user]?.generation += 1
            return state.accounts[user]?.generation
        }
    }

    func attempt(_ attempt: Attempt) -> EventLoopFuture<Int64> {
        now { state in
            guard state.attempts[attempt.name, default: 0] < attempt.burst else { return attempt.interval }
            state.attempts[attempt.name, default: 0] += 1
            return 0
        }
    }

    func forgive(_ attempt: Attempt) { state.withLock { $0.attempts[attempt.name, default: 1] -= 1 } }
}

/// `session/<user>/<generation>` and `refresh/…`.
private struct ReadableTokens: AccountTokens, Identities {
    var allowsGuests: Bool { true }

    func guestToken(for user: UserID, name: DisplayName) -> String { "" }

    func verify(_ token: String) -> Identity? {
        guard let (user, generation) = read(token, "session"), let name = DisplayName("x") else { return nil }
        return Identity(user: user, name: name, expiresAt: .max, generation: generation)
    }

    func sessionToken(for account: Account, now: Int64) -> Token {
        Token(text: "session/\(account.user)/\(account.generation)", expiresAt: now + 1)
    }

    func refreshToken(for account: Account, now: Int64) -> Token {
        Token(text: "refresh/\(account.user)/\(account.generation)", expiresAt: now + 1)
    }

    func verifyRefresh(_ token: String, now: Int64) -> (user: UserID, generation: Int)? { read(token, "refresh") }

    private func read(_ token: String, _ kind: String) -> (user: UserID, generation: Int)? {
        let parts = token.split(separator: "/").map(String.init)
        guard parts.count == 3, parts[0] == kind, let user = UserID(parts[1]), let generation = Int(parts[2]) else {
            return nil
        }
        return (user, generation)
    }
}
