import Logging

extension Logger {
    /// For code under test whose log is not what is tested.
    static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
