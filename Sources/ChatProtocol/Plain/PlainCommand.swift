/// A line of the plain dialect: something said, or a `/command`.
public enum PlainCommand: Sendable, Equatable {
    case say(String)
    case nick(String)
    case join(String)
    case leave
    case message(to: String, text: String)
    case action(String)
    case who
    /// Those behind a name, in the order of names; `nil`: from the first on.
    case rooms(after: String?)
    case history(Int)
    /// An empty text asks for the topic.
    case topic(String)
    case kick(String, reason: String)
    case unban(String)
    case unmute(String)
    case invite(String)
    /// `duration` in milliseconds; `nil`: for good.
    case ban(String, duration: Int64?, reason: String)
    case mute(String, duration: Int64?, reason: String)
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
        case "rooms": return .rooms(after: argument.isEmpty ? nil : argument)
        case "help": return .help
        case "topic": return .topic(argument)
        case "kick", "ban", "mute", "unban", "unmute", "invite":
            return Self.moderation(command, argument: argument)
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

extension PlainCommand {
    private static func moderation(_ command: String, argument: String) -> PlainCommand {
        let parts = argument.split(separator: " ", maxSplits: 1)
        guard let name = parts.first.map(String.init) else { return .mistake(Self.usage(of: command)) }
        let rest = parts.count > 1 ? String(parts[1].trimmed()) : ""
        switch command {
        case "kick": return .kick(name, reason: rest)
        case "ban", "mute":
            let words = rest.split(separator: " ", maxSplits: 1)
            let duration = words.first.flatMap { Self.milliseconds($0) }
            // For good is not what somebody means who types a time that is none.
            if duration == nil, let word = words.first, Self.isLikeDuration(word) {
                let days = Limits.sanction / 86_400_000
                return .mistake("'\(word.prefix(32))' is no time from 1s to \(days)d, like 30s, 10m, 2h or 7d")
            }
            let reason = duration == nil ? rest : String((words.count > 1 ? words[1] : "").trimmed())
            return command == "ban"
                ? .ban(name, duration: duration, reason: reason) : .mute(name, duration: duration, reason: reason)
        case "unban": return .unban(name)
        case "unmute": return .unmute(name)
        default: return .invite(name)
        }
    }

    private static func usage(of command: String) -> String {
        switch command {
        case "kick": "usage: /kick NAME [REASON]"
        case "ban", "mute": "usage: /\(command) NAME [30s, 10m, 2h or 7d] [REASON]"
        default: "usage: /\(command) NAME"
        }
    }

    /// A number, or what begins with one.
    private static func isLikeDuration(_ word: Substring) -> Bool {
        (word.first == "-" || word.first == "+" ? word.dropFirst() : word).first?.isASCIIDigit ?? false
    }

    /// `30s`, `10m`, `2h`, `7d`; `nil` for anything else, and for what is too long.
    private static func milliseconds(_ text: Substring) -> Int64? {
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()), number > 0,
            number <= Limits.sanction / unit
        else { return nil }
        return number * unit
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { self.isASCII && self.isNumber }
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
