import ChatProtocol
import Testing

@testable import ChatCore

@Suite struct OperatorsTests {
    private func user(_ text: String) throws -> UserID { try #require(UserID(text)) }
    private func name(_ text: String) throws -> DisplayName { try #require(DisplayName(text)) }

    @Test func namesAreThoseOfAccounts() throws {
        let operators = try #require(Operators(["Ann", "Bob Lee"]))
        #expect(try operators.include(user("u-1"), login: name("ann")))
        #expect(try operators.include(user("u-2"), login: name("BOB  LEE")))
        #expect(try !operators.include(user("u-3"), login: name("anna")))
        // Who has no login, a guest or somebody from outside, is no operator by a name, nor by an id that reads like one.
        #expect(try !operators.include(user("u-1")) && !operators.include(user("Ann")))
        #expect(operators.names.map(\.string) == ["Ann", "Bob Lee"])
    }

    @Test func idsAreNoNames() throws {
        let id = "u-" + String(repeating: "0a", count: 16)
        let operators = try #require(Operators([id, "id:x-42", "id:ann"]))
        #expect(try operators.include(user(id)) && operators.include(user("x-42")))
        #expect(try operators.include(user("ann")) && operators.names.isEmpty)
        // Somebody registers under an operator's id; that of an account is too long for a name.
        #expect(DisplayName(id) == nil)
        for taken in ["x-42", "ann"] {
            #expect(try !operators.include(user("u-9"), login: name(taken)))
        }
    }

    @Test(arguments: ["", "a:b", "id:", "id:a b", "id:" + String(repeating: "x", count: 41)])
    func whatIsNeither(entry: String) {
        #expect(Operators([entry]) == nil)
    }

    @Test func nobody() throws {
        #expect(Operators([]) == Operators())
        #expect(try !Operators().include(user("u-1"), login: name("ann")))
    }
}
