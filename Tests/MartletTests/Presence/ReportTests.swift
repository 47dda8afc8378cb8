import Testing

@testable import martlet

struct ReportTests {
    @Test func columnsAreAligned() {
        var table = TextTable(header: ["A", "NAME", "Z"])
        table.add(["1", "日本", "x"])
        table.add(["22", "", "y\u{7}"])
        #expect(table.text == "A   NAME  Z\n1   日本  x\n22  -     y\\u{7}\n")
    }

    @Test func sharesOfOneUserAreOne() {
        var merge = RoomMerge(limit: 10)
        merge.add(
            node: "n2",
            size: 2,
            entries: [
                "u1": .parse(#"{"name":"ann","status":"away","since":2000,"sessions":2}"#),
                "u2": .parse(#"{"name":"bob","status":"online","since":1000,"sessions":1}"#),
            ]
        )
        merge.add(
            node: "n1", size: 1, entries: ["u1": .parse(#"{"name":"ann","status":"away","since":1500,"sessions":1}"#)])
        let report = merge.report(room: "lobby")
        #expect(report.count == 2)
        #expect(!report.isCut)
        #expect(report.users.map(\.id) == ["u1", "u2"])
        #expect(report.users.first?.sessions == 3)
        #expect(report.users.first?.since == 1500)
        #expect(report.users.first?.nodes == ["n2", "n1"])
    }

    @Test func aLargeRoomIsCut() {
        var merge = RoomMerge(limit: 1)
        merge.add(node: "n1", size: 500, entries: ["u1": .parse("{}")])
        #expect(merge.isFull)
        merge.add(node: "n2", size: 3, entries: [:])
        let report = merge.report(room: "lobby")
        #expect(report.count == 503)
        #expect(report.isCut)
    }

    @Test(arguments: ["", "[]", "null", #"{"name":3,"sessions":"x"}"#])
    func strangeValuesDoNoHarm(json: String) {
        let value = ShareValue.parse(json)
        #expect(value.name == "?")
        #expect(value.sessions == 1)
    }

    @Test func filters() {
        let filter = PresenceFilter(user: "ann", node: "web-1")
        #expect(filter.includes(node: "web-1-x7f"))
        #expect(filter.includes(node: "web-1"))
        #expect(!filter.includes(node: "web-10-x7f"))
        #expect(!filter.includes(node: "web"))
        #expect(filter.includes(user: "g-1", name: "ann"))
        #expect(filter.includes(user: "ann", name: "x"))
        #expect(!filter.includes(user: "g-1", name: "anna"))
        #expect(filter.includes(user: "g-1", name: "ANN"))
    }

    @Test func texts() throws {
        let report = PresenceReport(
            at: 1_700_000_000_123,
            nodes: [
                NodeReport(
                    id: "a-1",
                    state: .up,
                    leaseLeft: 12_340,
                    address: "127.0.0.1:8080",
                    version: "0.1.0",
                    started: 1_700_000_000_000,
                    sessions: 2,
                    users: 1,
                    rooms: 1
                ),
                NodeReport(id: "b-2", state: .dead),
            ],
            rooms: [
                RoomReport(
                    room: "lobby",
                    count: 9,
                    isCut: true,
                    users: [
                        UserReport(
                            id: "u1", name: "ann", status: "online", since: 0, sessions: 2, nodes: ["b-2", "a-1"])
                    ]
                )
            ]
        )
        #expect(
            report.presenceText == """
                NODE  STATE  LEASE  ADDRESS         SESSIONS  USERS  ROOMS  VERSION  STARTED
                a-1   up     12.3s  127.0.0.1:8080  2         1      1      0.1.0    2023-11-14T22:13:20Z
                b-2   dead   -      -               -         -      -      -        -

                ROOM   USER        NAME  STATUS  SESSIONS  NODES    SINCE
                lobby  u1          ann   online  2         a-1,b-2  1970-01-01T00:00:00Z
                lobby  … 9 in all

                """
        )
        #expect(
            try report.json(pretty: false) == """
                {"at":1700000000123,"nodes":[{"address":"127.0.0.1:8080","id":"a-1","leaseLeft":12340,"rooms":1,\
                "sessions":2,"started":1700000000000,"state":"up","users":1,"version":"0.1.0"},{"id":"b-2","state":"dead"}],\
                "rooms":[{"count":9,"isCut":true,"room":"lobby","users":[{"id":"u1","name":"ann","nodes":["b-2","a-1"],\
                "sessions":2,"since":0,"status":"online"}]}]}

                """
        )
        #expect(PresenceReport(at: 0, nodes: [], rooms: []).presenceText == "no nodes\n\nnobody is here\n")
    }
}
