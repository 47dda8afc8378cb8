import Foundation

extension PresenceReport {
    /// One JSON object. `pretty` is for people; otherwise it is one line.
    func json(pretty: Bool) throws -> String {
        String(decoding: try ReportJSON.encode(self, pretty: pretty), as: UTF8.self) + "\n"
    }
}

/// How reports become JSON, on the command line and over HTTP.
enum ReportJSON {
    static func encode(_ report: some Encodable, pretty: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return try encoder.encode(report)
    }
}
