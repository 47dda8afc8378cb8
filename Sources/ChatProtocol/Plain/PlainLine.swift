import NIOCore

/// Lines of the plain dialect for people and raw WebSocket tools.
public enum PlainLine {
    /// `HH:MM name: text` of an entry; `nil` for entries that have no line.
    ///
    /// - Parameter entry: the entry's JSON as it stands in the log.
    public static func entry(_ entry: LogEntry) -> String? {
        guard let json = try? JSONValue.parse(entry.json), let type = json["type"]?.string,
            let name = json["from"]?["name"]?.string
        else { return nil }
        let time = Self.time(entry.at)
        let isDirect = json["room"]?.string.flatMap { RoomName($0) }?.isDirect ?? false
        let author = isDirect ? "[private] \(Self.clean(name))" : Self.clean(name)
        switch type {
        case "message":
            guard var text = json["text"]?.string.map(Self.clean) else { return nil }
            if let file = json["attachment"].flatMap(Self.attachment) { text += (text.isEmpty ? "" : " ") + file }
            return json["action"]?.bool == true ? "\(time) * \(author) \(text)" : "\(time) \(author): \(text)"
        case "edited":
            return json["text"]?.string.map { "\(time) * \(author) edited: \(Self.clean($0))" }
        case "deleted":
            return "\(time) * \(author) deleted a message"
        case "reacted" where json["on"]?.bool == true:
            return json["emoji"]?.string.map { "\(time) * \(author) reacted \(Self.clean($0))" }
        default:
            return nil
        }
    }

    private static func attachment(_ json: JSONValue) -> String? {
        guard let id = json["id"]?.string, let name = json["name"]?.string else { return nil }
        return "[\(Self.clean(name)): \(json["url"]?.string ?? "/attachments/\(id)")]"
    }

    /// What a room is about, or that nobody has said it.
    public static func topic(_ topic: String?) -> String {
        topic.map { "* Topic: \(Self.clean($0))" } ?? "* There is no topic"
    }

    /// Hours and minutes of the day, UTC.
    public static func time(_ at: Int64) -> String {
        let minutes = Int(max(0, at) / 60_000) % (24 * 60)
        let (hours, rest) = (minutes / 60, minutes % 60)
        return (hours < 10 ? "0" : "") + "\(hours):" + (rest < 10 ? "0" : "") + "\(rest)"
    }

    /// Others' text on one line: line breaks become ` ⏎ `, control characters go.
    public static func clean(_ text: String) -> String {
        var cleaned = ""
        for character in text {
            if character.isNewline {
                cleaned += " ⏎ "
            } else {
                cleaned.unicodeScalars.append(contentsOf: character.unicodeScalars.filter(Self.isPrintable))
            }
        }
        return cleaned
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory != .control && !scalar.properties.isBidiControl
    }
}
