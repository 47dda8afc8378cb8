import Configuration
import Foundation

/// Reads settings through swift-configuration's hierarchy of providers, and knows where each value came from so that
/// a message can name the place.
struct SettingsReader: Sendable {
    /// One layer of the hierarchy.
    struct Source: Sendable {
        enum Place: Sendable, Equatable {
            case flags
            case environment
            case file(path: String)
        }

        let place: Place
        let provider: any ConfigProvider
    }

    /// Highest priority first.
    let sources: [Source]

    /// Things that are probably mistakes but need not stop a node: one line each.
    let warnings: [String]

    /// The environment the settings were read from; defaults depend on it, too.
    let environment: [String: String]

    private let config: ConfigReader

    /// - Parameters:
    ///   - flags: what was given on the command line.
    ///   - environment: all of it; only `MARTLET_*` is read.
    /// - Throws: ``UserFacingError`` for a file that cannot be read or that holds a key nobody knows.
    init(flags: [Setting: String], environment: [String: String]) async throws {
        let ours = environment.filter { $0.key.hasPrefix(Setting.variablePrefix) && !$0.value.isEmpty }
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (setting, text) in flags {
            values[AbsoluteConfigKey([setting.rawValue])] = ConfigValue(.string(text), isSecret: setting.isSecret)
        }
        var sources = [
            Source(place: .flags, provider: InMemoryProvider(name: "flags", values: values)),
            Source(
                place: .environment,
                provider: EnvironmentVariablesProvider(environmentVariables: ours).prefixKeys(with: "martlet")
            ),
        ]
        let config = ConfigReader(providers: sources.map(\.provider))
        if let path = config.string(forKey: ConfigKey([Setting.config.rawValue])) {
            sources.append(Source(place: .file(path: path), provider: try await ConfigurationFile.provider(path: path)))
        }
        self.sources = sources
        self.environment = environment
        self.config = ConfigReader(providers: sources.map(\.provider))
        self.warnings = Self.warnings(variables: ours.keys) + Self.warnings(redisFlag: flags[.redis])
    }

    /// The setting's text from the first source that has it.
    func text(_ setting: Setting) -> String? {
        config.string(forKey: ConfigKey([setting.rawValue]), isSecret: setting.isSecret)
    }

    /// The source which ``text(_:)`` gives the value of; nil where the default holds.
    func source(of setting: Setting) -> Source? {
        sources.first { rank($0, has: setting) }
    }

    /// The position in ``sources`` of what gives the setting; nil where the default holds.
    func rank(of setting: Setting) -> Int? {
        sources.firstIndex { rank($0, has: setting) }
    }

    private func rank(_ source: Source, has setting: Setting) -> Bool {
        let found = try? source.provider.value(forKey: AbsoluteConfigKey([setting.rawValue]), type: .string)
        return found?.value != nil
    }

    /// Orchestrators inject variables of their own (Kubernetes sets `MARTLET_SERVICE_HOST` for a service of that
    /// name), so an unknown one is worth a warning, not a refusal.
    private static func warnings(variables: some Collection<String>) -> [String] {
        let known = Setting.allCases.map(\.variable)
        return variables.filter { !known.contains($0) }.sorted().map { name in
            let hint = Spelling.closest(to: name, among: known).map { ": did you mean \($0)?" } ?? ""
            return "the environment variable \(name) is none of Martlet's settings and is ignored\(hint)"
        }
    }
}
