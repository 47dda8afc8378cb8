extension SettingsReader {
    /// Reads one setting.
    ///
    /// - Parameters:
    ///   - allowed: what a right value is, as the end of the sentence "it must be …".
    ///   - parse: nil for a text that is no right value.
    /// - Throws: ``UserFacingError`` that names the setting, its value, its place and what is allowed.
    func value<Value>(
        _ setting: Setting,
        default defaultValue: @autoclosure () -> Value,
        allowed: String,
        parse: (String) -> Value?
    ) throws -> Value {
        guard let text = text(setting) else { return defaultValue() }
        guard let value = parse(text) else { throw invalid(setting, allowed: allowed) }
        return value
    }

    /// A whole number within `range`.
    func integer(_ setting: Setting, default defaultValue: Int, in range: ClosedRange<Int>) throws -> Int {
        try value(
            setting,
            default: defaultValue,
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)"
        ) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// `on` or `off`; `true` and `false` are taken, too.
    func flag(_ setting: Setting, default defaultValue: Bool) throws -> Bool {
        try value(setting, default: defaultValue, allowed: "on or off") { text in
            switch text.lowercased() {
            case "on", "true": true
            case "off", "false": false
            default: nil
            }
        }
    }

    /// A number of bytes within `range`: `65536`, `64KiB`, `1MiB`.
    func byteCount(_ setting: Setting, default defaultValue: Int, in range: ClosedRange<Int>) throws -> Int {
        try value(
            setting,
            default: defaultValue,
            allowed: "a number of bytes from \(range.lowerBound) to \(range.upperBound), such as 65536 or 64KiB"
        ) { text in
            ByteCount.parse(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A time within `range`: `15s`, `500ms`, `2m`, or plain seconds.
    func duration(
        _ setting: Setting,
        default defaultValue: Duration,
        in range: ClosedRange<Duration>
    ) throws -> Duration {
        let lower = DurationText.format(range.lowerBound)
        let upper = DurationText.format(range.upperBound)
        return try value(
            setting,
            default: defaultValue,
            allowed: "a time from \(lower) to \(upper), such as 15s or 500ms"
        ) { text in
            DurationText.parse(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// The error for a setting whose value is not allowed.
    func invalid(_ setting: Setting, allowed: String) -> UserFacingError {
        let shown = setting.isSecret ? "" : text(setting).map { " \"\($0)\"" } ?? ""
        return UserFacingError(
            "\(setting.rawValue)\(shown)\(place(of: setting)) is not allowed: it must be \(allowed);"
                + " set it with \(setting.places)",
            exitCode: exitCode(for: setting)
        )
    }

    /// A wrong flag is a wrong command line; a wrong variable or file is not.
    func exitCode(for setting: Setting) -> Int32 {
        source(of: setting)?.place == .flags ? UserFacingError.usageExitCode : 1
    }

    /// Where the setting's value stands, to be put behind its name: " (from MARTLET_PORT)".
    func place(of setting: Setting) -> String {
        switch source(of: setting)?.place {
        case .flags: " (from \(setting.flag ?? "the command line"))"
        case .environment: " (from \(setting.variable))"
        case .file(let path): " (from \(path))"
        case nil: " (the default)"
        }
    }
}
