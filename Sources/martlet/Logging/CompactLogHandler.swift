import Logging

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Logs one line an event to standard error: UTC time, level, message, metadata as `key=value`.
///
/// Control characters in messages and metadata are escaped, so that what a client sent can neither forge a line nor
/// reach the operator's terminal.
struct CompactLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let write: @Sendable (String) -> Void

    init(logLevel: Logger.Level, write: @escaping @Sendable (String) -> Void = StandardError.write) {
        self.logLevel = logLevel
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() {
            all.merge(provided) { _, new in new }
        }
        if let own = event.metadata {
            all.merge(own) { _, new in new }
        }
        if let error = event.error {
            all["error"] = .string(String(describing: error))
        }
        var line = "\(Self.timestamp()) \(Self.column(event.level)) "
        line.appendEscaped(event.message.description)
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line.append(" ")
            line.appendEscaped(key)
            line.append("=")
            line.appendEscaped(value.description)
        }
        line.append("\n")
        write(line)
    }

    private static func column(_ level: Logger.Level) -> String {
        let name = level.rawValue
        return name + String(repeating: " ", count: max(0, 8 - name.count))
    }

    /// `2026-11-21T06:16:00.123Z`.
    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let milliseconds = String(now.tv_nsec / 1_000_000)
        let padding = String(repeating: "0", count: max(0, 3 - milliseconds.count))
        return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(padding)\(milliseconds)Z"
    }

    private static func two(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

extension String {
    /// Appends `text` with control characters (C0, DEL, C1, line and paragraph separators) and bidi controls as escapes.
    mutating func appendEscaped(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0x00..<0x20, 0x7F..<0xA0, 0x2028, 0x2029,
                _ where scalar.properties.isBidiControl:
                append("\\u{\(String(scalar.value, radix: 16))}")
            default: unicodeScalars.append(scalar)
            }
        }
    }
}
