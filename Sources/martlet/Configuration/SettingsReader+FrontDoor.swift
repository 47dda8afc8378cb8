import ChatCore
import ChatGateway
import ExternalTokens
import Foundation

/// The settings that say who may come in.
extension SettingsReader {
    /// The proxies whose word on a client's address counts.
    func trustedProxies(default defaultRanges: [AddressRange]) throws -> [AddressRange] {
        try value(
            .trustedProxies,
            default: defaultRanges,
            allowed: "addresses or ranges with commas between them, such as 10.0.0.0/8,::1; or private, or none"
        ) { text in
            switch text.lowercased() {
            case "none": return []
            case "private": return AddressRange.privateNetworks
            default:
                let ranges = Self.list(text).map { AddressRange($0) }
                return ranges.isEmpty || ranges.contains(nil) ? nil : ranges.compactMap { $0 }
            }
        }
    }

    /// The origins whose scripts may open sessions.
    func origins(default defaultPolicy: OriginPolicy) throws -> OriginPolicy {
        try value(
            .origins,
            default: defaultPolicy,
            allowed: "origins with commas between them, such as https://chat.example.org; null, self, or * for all"
        ) { OriginPolicy(Self.list($0)) }
    }

    /// Whose tokens are good besides our own, from the file that says it.
    func issuers() throws -> [Issuer] {
        guard let text = text(.issuers) else { return [] }
        do {
            return try IssuerFile.read(DataDirectory.absolute(text, environment: environment))
        } catch {
            throw UserFacingError(
                "issuers\(place(of: .issuers)) is not allowed: \(error); correct the file, or \(Setting.issuers.places)"
            )
        }
    }

    /// Who runs the cluster.
    func operators(default defaultOperators: Operators) throws -> Operators {
        try value(
            .operators,
            default: defaultOperators,
            allowed: "names of accounts, or ids of users as id:x-42, with commas between them"
        ) { text in
            Operators(text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty })
        }
    }

    private static func list(_ text: String) -> [String] {
        text.split { $0 == "," || $0.isWhitespace }.map(String.init)
    }
}
