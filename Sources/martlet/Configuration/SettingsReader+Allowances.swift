import ChatCore

/// Settings that say how much of something may be done: `100/1m` is a hundred at once, and a hundred in each minute.
extension SettingsReader {
    func allowance(_ setting: Setting, default defaultValue: Allowance) throws -> Allowance {
        try self.optionalAllowance(setting) ?? defaultValue
    }

    /// Nil where nothing is set.
    func optionalAllowance(_ setting: Setting) throws -> Allowance? {
        guard self.text(setting) != nil else { return nil }
        let allowed = "how many in which time, such as 100/1m (1ms to 24h), or off"
        return try self.value(setting, default: Allowance(0, per: 1_000), allowed: allowed) { text in
            Self.allowance(text) { text in
                text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
            }
        }
    }

    /// An amount of bytes, in KiB.
    func kibibytes(_ setting: Setting, default defaultValue: Allowance) throws -> Allowance {
        try self.value(
            setting, default: defaultValue, allowed: "how many bytes in which time, such as 64MiB/1m, or off"
        ) { text in
            Self.allowance(text) { text in ByteCount.parse(text).map { ($0 + 1_023) / 1_024 } }
        }
    }

    private static func allowance(_ text: String, amount: (String) -> Int?) -> Allowance? {
        if text.lowercased() == "off" { return Allowance(0, per: 1_000) }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let amount = amount(parts[0]), (1...1_000_000_000).contains(amount),
            let period = DurationText.parse(parts[1]), (.milliseconds(1) ... .seconds(86_400)).contains(period)
        else { return nil }
        let (seconds, attoseconds) = period.components
        return Allowance(amount, per: seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
}
