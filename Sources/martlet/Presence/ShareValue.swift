import Foundation

/// What a node writes of one user into its share of a room. Fields that are missing or of another type are filled:
/// one strange entry must not hide all others.
struct ShareValue: Sendable, Equatable, Decodable {
    var name = "?"
    var status = "?"
    var statusText: String?
    var since: Int64 = 0
    var sessions = 1

    private enum CodingKeys: String, CodingKey {
        case name
        case status
        case statusText
        case since
        case sessions
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = (try? values.decode(String.self, forKey: .name)) ?? name
        status = (try? values.decode(String.self, forKey: .status)) ?? status
        statusText = try? values.decode(String.self, forKey: .statusText)
        since = (try? values.decode(Int64.self, forKey: .since)) ?? since
        sessions = (try? values.decode(Int.self, forKey: .sessions)) ?? sessions
    }

    private init() {}

    /// Reads the JSON; of what is no JSON object only the defaults remain.
    static func parse(_ json: String) -> ShareValue {
        (try? JSONDecoder().decode(ShareValue.self, from: Data(json.utf8))) ?? ShareValue()
    }
}
