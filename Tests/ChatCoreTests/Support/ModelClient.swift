import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

/// A client as the protocol imagines it: keeps its positions over reconnects, and judges what it is given.
final class ModelClient {
    let user: String
    private(set) var connection: TestClient?
    /// The last position of each room it is in, by the room's name.
    private(set) var positions: [String: Position] = [:]
    /// Rooms it wants to be in; direct rooms come by themselves.
    var wanted: Set<String> = []
    /// Texts of direct rooms since each was first seen.
    private(set) var direct: [String: [Int64]] = [:]
    private(set) var problems: [String] = []
    private var unanswered: [String: String] = [:]
    private var ids = 0
    private(set) var resets = 0
    private(set) var entries = 0
    private(set) var recoveries = 0

    /// A log may be cut back while a page of it is read; the reset that tells of it comes later.
    private let mayFindPagesShort: Bool

    init(user: String, mayFindPagesShort: Bool) {
        self.user = user
        self.mayFindPagesShort = mayFindPagesShort
    }

    var isConnected: Bool { connection?.isClosed == false }
    var awaitsAnswers: Bool { !unanswered.isEmpty }

    // MARK: What it does

    func connect(_ node: TestNode, loop: Int) {
        disconnect()
        let client = node.connect(loop: loop)
        connection = client
        let resume = positions.filter { wanted.contains($0.key) || $0.key.hasPrefix("dm:") }
        let positions = resume.map { #""\#($0.key)":\#($0.value.json)"# }.joined(separator: ",")
        say("hello", #""token":"token/\#(user)/\#(user)","resume":{\#(positions)}"#)
        for room in resume.keys { unanswered["resume \(room)"] = "join" }
    }

    /// The connection is lost; what was on its way is not read.
    func disconnect() {
        guard let connection else { return }
        read()
        connection.session.end()
        self.connection = nil
        unanswered = [:]
    }

    func say(_ type: String, _ fields: String) {
        guard let connection, isConnected else { return }
        ids += 1
        unanswered["\(ids)"] = type
        connection.say(#"{"type":"\#(type)","id":"\#(ids)",\#(fields)}"#)
    }

    func join(_ room: String, history: Int) {
        wanted.insert(room)
        say("join", #""room":"\#(room)","history":\#(history)"#)
    }

    func leave(_ room: String) {
        wanted.remove(room)
        say("leave", #""room":"\#(room)""#)
    }

    // MARK: What it reads

    func read() {
        for frame in connection?.take() ?? [] { read(frame) }
        if let close = connection?.output.closes.first { problems.append("closed: \(close)") }
    }

    private func read(_ frame: JSONValue) {
        if let re = frame.re, unanswered.removeValue(forKey: re) == nil { problems.append("no question: \(frame)") }
        switch frame.type {
        case "joined":
            if frame.re == nil, unanswered.removeValue(forKey: "resume \(frame.room ?? "")") == nil {
                problems.append("joined, unasked: \(frame)")
            }
            start(frame)
        case "reset":
            resets += 1
            start(frame)
        case "message": message(frame)
        case "error" where frame.re == nil: unanswered["resume \(frame.room ?? "")"] = nil
        case "ack" where frame.offset == nil: if let room = frame.room { positions[room] = nil }
        default: break
        }
    }

    private func start(_ frame: JSONValue) {
        guard let room = frame.room, let head = frame.position, let entries = frame["entries"]?.array else {
            return problems.append("incomplete: \(frame)")
        }
        let offsets = entries.compactMap(\.offset)
        if frame["recovered"]?.bool == true {
            recoveries += 1
            let since = positions[room]
            if since?.epoch != head.epoch { problems.append("recovered over epochs in \(room)") }
            let missing = Int64(since?.offset ?? 0) + 1..<Int64(head.offset) + 1
            if offsets != Array(missing) { problems.append("recovered \(offsets) instead of \(missing) in \(room)") }
        } else if !mayFindPagesShort, let first = offsets.first, offsets != Array(first...Int64(head.offset)) {
            problems.append("a page with holes in \(room): \(offsets), head \(head.offset)")
        }
        if room.hasPrefix("dm:") {
            // Not recovered: what the client had counts no more.
            let former = frame["recovered"]?.bool == true ? direct[room] ?? [] : []
            direct[room] = former + offsets
        }
        positions[room] = head
    }

    private func message(_ frame: JSONValue) {
        guard let room = frame.room, let position = frame.position else {
            return problems.append("incomplete: \(frame)")
        }
        entries += 1
        if let before = positions[room] {
            if position.epoch != before.epoch || position.offset != before.offset + 1 {
                problems.append("\(position) after \(before) in \(room)")
            }
        } else if !room.hasPrefix("dm:") {
            problems.append("an entry of \(room) without having joined")
        }
        if room.hasPrefix("dm:") { direct[room, default: []].append(Int64(position.offset)) }
        positions[room] = position
    }
}
