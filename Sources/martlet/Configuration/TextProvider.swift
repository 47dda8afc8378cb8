import Configuration

/// Gives the numbers of another provider as text, so that `"lease": 15` and `"lease": "15s"` are both read as strings
/// and one set of parsers, with one set of messages, serves flags, environment and file.
struct TextProvider<Upstream: ConfigProvider>: ConfigProvider {
    let upstream: Upstream

    var providerName: String { upstream.providerName }

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        try TextSnapshot(upstream: upstream.snapshot()).value(forKey: key, type: type)
    }

    func fetchValue(forKey key: AbsoluteConfigKey, type: ConfigType) async throws -> LookupResult {
        try value(forKey: key, type: type)
    }

    func watchValue<Return: ~Copyable>(
        forKey key: AbsoluteConfigKey,
        type: ConfigType,
        updatesHandler: (ConfigUpdatesAsyncSequence<Result<LookupResult, any Error>, Never>) async throws -> Return
    ) async throws -> Return {
        try await watchValueFromValue(forKey: key, type: type, updatesHandler: updatesHandler)
    }

    func snapshot() -> any ConfigSnapshot {
        TextSnapshot(upstream: upstream.snapshot())
    }

    func watchSnapshot<Return: ~Copyable>(
        updatesHandler: (ConfigUpdatesAsyncSequence<any ConfigSnapshot, Never>) async throws -> Return
    ) async throws -> Return {
        try await watchSnapshotFromSnapshot(updatesHandler: updatesHandler)
    }
}

private struct TextSnapshot: ConfigSnapshot {
    let upstream: any ConfigSnapshot

    var providerName: String { upstream.providerName }

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        guard type == .string else { return try upstream.value(forKey: key, type: type) }
        // A provider throws when the value is there but of another type, so the last attempt's error is the one to tell.
        if let found = try? upstream.value(forKey: key, type: .string) { return found }
        if let found = try? upstream.value(forKey: key, type: .int) { return Self.asText(found) }
        return Self.asText(try upstream.value(forKey: key, type: .double))
    }

    private static func asText(_ result: LookupResult) -> LookupResult {
        guard let value = result.value else { return result }
        let text: String
        switch value.content {
        case .int(let number): text = String(number)
        case .double(let number): text = String(number)
        default: return result
        }
        return LookupResult(encodedKey: result.encodedKey, value: ConfigValue(.string(text), isSecret: value.isSecret))
    }
}
