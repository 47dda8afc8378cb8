import NIOCore
import Testing

@testable import RedisClient

@Suite struct LinkMachineTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private var machine: LinkMachine

    init() throws {
        var backoff = RedisBackoffConfiguration()
        backoff.jitter = { 1 }
        let endpoint = try RedisEndpoint(url: "redis://h")
        let handshake = Handshake(endpoint: endpoint, scripts: [], clientName: nil, selectsDatabase: true)
        machine = LinkMachine(handshake: handshake, backoff: backoff)
    }

    private mutating func becomeReady(attempt: Int, now: NIODeadline) {
        _ = machine.connected(attempt: attempt)
        #expect(machine.handshakeReply(.simple("PONG"), attempt: attempt, now: now) == .becameReady)
    }

    @Test mutating func startsOnce() {
        #expect(machine.start() == .connect(attempt: 1))
        #expect(machine.start() == .none)
    }

    @Test mutating func becomesReadyAfterTheHandshake() {
        _ = machine.start()
        guard case .send(let commands) = machine.connected(attempt: 1) else {
            Issue.record("no handshake")
            return
        }
        #expect(commands == [["PING"]])
        #expect(!machine.isReady)
        #expect(machine.handshakeReply(.simple("PONG"), attempt: 1, now: start) == .becameReady)
        #expect(machine.isReady)
    }

    @Test mutating func backsOffFurtherWithEachFailure() {
        _ = machine.start()
        #expect(machine.failed(attempt: 1, now: start) == .backOff(.milliseconds(50), wasReady: false))
        #expect(machine.failed(attempt: 1, now: start) == .none)
        #expect(machine.backoffElapsed() == .connect(attempt: 2))
        _ = machine.connected(attempt: 2)
        #expect(machine.failed(attempt: 2, now: start) == .backOff(.milliseconds(100), wasReady: false))
    }

    @Test mutating func aConnectionThatFailsAtOnceDoesNotResetTheBackoff() {
        _ = machine.start()
        becomeReady(attempt: 1, now: start)
        #expect(machine.failed(attempt: 1, now: start) == .backOff(.milliseconds(50), wasReady: true))
        _ = machine.backoffElapsed()
        becomeReady(attempt: 2, now: start)
        #expect(machine.failed(attempt: 2, now: start) == .backOff(.milliseconds(100), wasReady: true))
        _ = machine.backoffElapsed()
        becomeReady(attempt: 3, now: start)
        let settled = start + .seconds(2)
        #expect(machine.failed(attempt: 3, now: settled) == .backOff(.milliseconds(50), wasReady: true))
    }

    @Test mutating func whatAnEarlierAttemptSaysIsIgnored() {
        _ = machine.start()
        _ = machine.failed(attempt: 1, now: start)
        guard case .discard = machine.connected(attempt: 1) else {
            Issue.record("a connection that came too late was used")
            return
        }
        _ = machine.backoffElapsed()
        becomeReady(attempt: 2, now: start)
        #expect(machine.failed(attempt: 1, now: start) == .none)
        #expect(machine.isReady)
    }

    @Test mutating func aFailedHandshakeIsReported() {
        _ = machine.start()
        _ = machine.connected(attempt: 1)
        let reply = RedisValue.error(RedisServerError(line: "LOADING Redis is loading the dataset in memory"))
        guard case .fail(let failure) = machine.handshakeReply(reply, attempt: 1, now: start) else {
            Issue.record("no failure")
            return
        }
        #expect(!failure.isPermanent)
    }

    @Test mutating func closedIsForGood() {
        _ = machine.start()
        becomeReady(attempt: 1, now: start)
        #expect(machine.close() == .tearDown(wasReady: true))
        #expect(machine.close() == .none)
        #expect(machine.failed(attempt: 1, now: start) == .none)
        #expect(machine.start() == .none)
        #expect(machine.backoffElapsed() == .none)
        guard case .discard = machine.connected(attempt: 1) else {
            Issue.record("a closed link took a connection")
            return
        }
    }
}
