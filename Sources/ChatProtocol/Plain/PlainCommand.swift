/// A line of the plain dialect: something said, or a `/command`.
public enum PlainCommand: Sendable, Equatable {
    case say(String)
    case nick(String)
    case join(String)
    case leave
    case message(to: String, text: String)
    case action(String)
    case who
    case rooms
    case history(Int)
    case help
    /// A command that does not exist, or lacks what it needs; the text says so.
    case mistake(String)

    /// Reads a line; `nil` for an empty one, which is ignored. `//` escapes a slash.
    public init?(_ line: String) {
        let line = line.trimmingEnd()
        guard !line.allSatisfy(\.isWhitespace) else { return nil }
        guard line.hasPrefix("/") else {
            self = .say(line)
            return
        }
        guard !line.hasPrefix("//") else {
            self = .say(String(line.dropFirst()))
            return
        }
        let parts = line.dropFirst().split(separator: " ", maxSplits: 1)
        let argument = parts.count > 1 ? String(parts[1].trimmed()) : ""
        self = Self.command(parts.first.map { $0.lowercased() } ?? "", argument: argument)
    }

    private static func command(_ command: String, argument: String) -> PlainCommand {
        switch command {
        case "nick": return argument.isEmpty ? .mistake("usage: /nick NAME") : .nick(argument)
        case "join": return argument.isEmpty ? .mistake("usage: /join ROOM") : .join(argument)
        case "leave": return .leave
        case "me": return argument.isEmpty ? .mistake("usage: /me ACTION") : .action(argument)
        case "who": return .who
        case "rooms": return .rooms
        case "help": return .help
        case "msg":
            let parts = argument.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { return .mistake("usage: /msg NAME TEXT") }
            return .message(to: String(parts[0]), text: String(parts[1].trimmed()))
        case "history":
            guard !argument.isEmpty else { return .history(20) }
            guard let count = Int(argument), (1...200).contains(count) else {
                return .mistake("usage: /history [1-200]")
            }
            return .history(count)
        default: return .mistake("there is no /\(command.prefix(32)); /help lists the commands")
        }
    }
}

extension Substring {
    fileprivate func trimmed() -> Substring {
        var text = self.drop(while: \.isWhitespace)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}

extension String {
    fileprivate func trimmingEnd() -> String {
        var text = self[...]
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }
}
