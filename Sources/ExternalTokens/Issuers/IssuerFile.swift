import ChatProtocol
import Foundation
import NIOCore

/// The file that says whose tokens are good here: a JSON array with an object for each issuer (docs/identity.md).
public enum IssuerFile {
    /// What is wrong with the file, and what to do; one line, nothing secret.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        public var description: String
    }

    private static let byteLimit = 256 * 1024
    private static let issuerLimit = 32

    /// Reads the file. Blocks.
    ///
    /// - Parameter path: absolute; files that it names are relative to its directory.
    public static func read(_ path: String) throws(Failure) -> [Issuer] {
        let bytes: [UInt8]
        do {
            bytes = try KeyFile.read(path, upTo: Self.byteLimit)
        } catch {
            throw Failure(description: "\(path) \(error)")
        }
        return try Self.parse(bytes, path: path)
    }

    static func parse(_ bytes: [UInt8], path: String) throws(Failure) -> [Issuer] {
        let json: JSONValue
        do throws(JSONSyntaxError) {
            json = try JSONValue.parse(ByteBuffer(bytes: bytes))
        } catch {
            throw Failure(description: "\(path) is not JSON: \(error)")
        }
        guard let members = json.array, (1...Self.issuerLimit).contains(members.count), !json.repeatsName else {
            throw Failure(description: "\(path) must hold a JSON array with one object for each issuer")
        }
        let directory = (path as NSString).deletingLastPathComponent
        var issuers: [Issuer] = []
        for (index, member) in members.enumerated() {
            let name = member["issuer"]?.string ?? "number \(index + 1)"
            do throws(KeyFailure) {
                issuers.append(try IssuerEntry(member, directory: directory).issuer())
            } catch {
                throw Failure(description: "the issuer \(name) in \(path): \(error)")
            }
        }
        for (kind, values) in [("issuer", issuers.map(\.name)), ("prefix", issuers.map(\.prefix))]
        where Set(values).count < values.count {
            throw Failure(description: "\(path) has two issuers with the same '\(kind)': give each its own")
        }
        return issuers
    }
}

/// One object of the file.
private struct IssuerEntry {
    private let json: JSONValue
    private let directory: String

    private static let names = [
        "issuer", "audience", "algorithms", "secretFile", "keyFile", "jwks", "kid", "prefix", "claims", "operatorRole",
        "leeway", "refresh", "refreshUnknown", "allowHTTP",
    ]
    private static let claimNames = ["user", "name", "roles", "rooms"]

    init(_ json: JSONValue, directory: String) throws(KeyFailure) {
        guard let members = json.object else { throw KeyFailure("it must be a JSON object") }
        try Self.check(members, known: Self.names)
        self.json = json
        self.directory = directory
    }

    func issuer() throws(KeyFailure) -> Issuer {
        guard let name = try self.text("issuer"), (1...255).contains(name.utf8.count) else {
            throw KeyFailure("'issuer' must be what the tokens have as 'iss'")
        }
        guard let audiences = try self.texts("audience"), !audiences.isEmpty else {
            throw KeyFailure("'audience' must be what its tokens for this chat have as 'aud'")
        }
        let keys = try self.keyPlace()
        var issuer = Issuer(
            name: name, audiences: audiences, algorithms: try self.algorithms(for: keys), keys: keys)
        issuer.keyID = try self.text("kid")
        if let prefix = try self.text("prefix") { issuer.prefix = prefix }
        guard Self.isPrefix(issuer.prefix) else {
            throw KeyFailure("'prefix' must be 1 to 4 of a-z 0-9, and not g or u, which guests and accounts have")
        }
        issuer.claims = try self.claims()
        if let role = try self.text("operatorRole") { issuer.operatorRole = role }
        issuer.leeway = try self.seconds("leeway", issuer.leeway, in: 0...300)
        issuer.refreshInterval = try self.seconds("refresh", issuer.refreshInterval, in: 1...86_400)
        issuer.unknownKeyInterval = try self.seconds("refreshUnknown", issuer.unknownKeyInterval, in: 1...86_400)
        return issuer
    }

    private static func isPrefix(_ text: String) -> Bool {
        (1...4).contains(text.utf8.count) && text != "g" && text != "u"
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }

    private func keyPlace() throws(KeyFailure) -> Issuer.KeyPlace {
        let given = ["secretFile", "keyFile", "jwks"].filter { self.json[$0] != nil }
        guard given.count == 1 else {
            throw KeyFailure("it needs its keys in one of 'secretFile', 'keyFile' and 'jwks'")
        }
        if let path = try self.text("secretFile") { return .secret(file: self.absolute(path)) }
        if let path = try self.text("keyFile") { return .file(self.absolute(path)) }
        let text = try self.text("jwks") ?? ""
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty, url.user == nil,
            url.password == nil, url.scheme == "https" || url.scheme == "http"
        else { throw KeyFailure("'jwks' must be an https:// address without a password") }
        let isHere = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
        guard url.scheme == "https" || isHere || self.json["allowHTTP"]?.bool == true else {
            throw KeyFailure(
                "'jwks' must begin with https://, for who can change the answer can be anybody here;"
                    + " where the network is to be trusted say \"allowHTTP\": true")
        }
        return .url(text)
    }

    private func absolute(_ path: String) -> String {
        let path = path.hasPrefix("/") ? path : self.directory + "/" + path
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// A shared secret is good for HS256 alone, and HS256 for a shared secret: no public key can be taken for a secret.
    private func algorithms(for keys: Issuer.KeyPlace) throws(KeyFailure) -> Set<SigningAlgorithm> {
        let known = SigningAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
        guard let texts = try self.texts("algorithms"), !texts.isEmpty else {
            throw KeyFailure("'algorithms' must be a list of what its tokens are signed with: \(known)")
        }
        var algorithms: Set<SigningAlgorithm> = []
        for text in texts {
            guard let algorithm = SigningAlgorithm(rawValue: text) else {
                throw KeyFailure("'algorithms' has \(text): there are \(known)")
            }
            algorithms.insert(algorithm)
        }
        if case .secret = keys {
            guard algorithms == [.hs256] else { throw KeyFailure("a shared secret takes the algorithm HS256 alone") }
        } else {
            guard !algorithms.contains(where: \.isSymmetric) else {
                throw KeyFailure("HS256 takes a shared secret ('secretFile') and no public keys")
            }
        }
        return algorithms
    }

    private func claims() throws(KeyFailure) -> Issuer.ClaimNames {
        var names = Issuer.ClaimNames()
        guard let claims = self.json["claims"] else { return names }
        guard let members = claims.object else { throw KeyFailure("'claims' must be an object") }
        try Self.check(members, known: Self.claimNames)
        for member in members {
            guard let text = member.value.string, (1...200).contains(text.utf8.count),
                text.contains(where: { $0 != "." })
            else { throw KeyFailure("'\(member.name)' in 'claims' must be a claim's name") }
            switch member.name {
            case "user": names.user = text
            case "name": names.name = text
            case "roles": names.roles = text
            default: names.rooms = text
            }
        }
        return names
    }

    // MARK: Kinds of values

    private static func check(_ members: [JSONValue.JSONMember], known: [String]) throws(KeyFailure) {
        guard let unknown = members.first(where: { !known.contains($0.name) }) else { return }
        throw KeyFailure("'\(unknown.name)' is unknown: there are \(known.joined(separator: ", "))")
    }

    private func text(_ name: String) throws(KeyFailure) -> String? {
        guard let value = self.json[name] else { return nil }
        guard let text = value.string else { throw KeyFailure("'\(name)' must be a text") }
        return text
    }

    /// One text, or a list of them.
    private func texts(_ name: String) throws(KeyFailure) -> [String]? {
        guard let values = self.json[name]?.array else { return try self.text(name).map { [$0] } }
        let texts = values.compactMap(\.string).filter { !$0.isEmpty }
        guard texts.count == values.count else { throw KeyFailure("'\(name)' must be a list of texts") }
        return texts
    }

    private func seconds(
        _ name: String, _ defaultValue: Duration, in range: ClosedRange<Int64>
    ) throws(KeyFailure) -> Duration {
        guard let value = self.json[name] else { return defaultValue }
        guard let seconds = value.integer, range.contains(seconds) else {
            throw KeyFailure("'\(name)' must be seconds from \(range.lowerBound) to \(range.upperBound)")
        }
        return .seconds(seconds)
    }
}
