/// Something a person can put right: printed as one line, `martlet: …`, on standard error.
///
/// The message says what is wrong, then what to do. It holds no secrets.
struct UserFacingError: Error, CustomStringConvertible, Equatable {
    /// One line without the `martlet: ` in front; line breaks are replaced when it is printed.
    let message: String

    /// The exit code of the process: 64 for a wrong command line (as ArgumentParser has it), else 1.
    let exitCode: Int32

    static let usageExitCode: Int32 = 64

    init(_ message: String, exitCode: Int32 = 1) {
        self.message = message
        self.exitCode = exitCode
    }

    var description: String { message }
}
