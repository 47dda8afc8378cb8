import ArgumentParser

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How an error leaves the process: one line on standard error and an exit code.
struct ErrorLine {
    /// Without the line break; nil for help, `--version` and plain exit codes, which ArgumentParser prints itself.
    let text: String?
    let exitCode: Int32
    private let error: any Error

    init(_ error: any Error) {
        self.error = error
        if let error = error as? UserFacingError {
            text = Self.line(error.message)
            exitCode = error.exitCode
            return
        }
        let code = Martlet.exitCode(for: error)
        exitCode = code.rawValue
        if code == .validationFailure {
            text = Self.line(Martlet.message(for: error) + " (martlet --help tells more)")
        } else if code.isSuccess || error is ExitCode {
            text = nil
        } else {
            text = Self.line(String(describing: error))
        }
    }

    /// Prints the line and ends the process.
    func printAndExit() -> Never {
        guard let text else { Martlet.exit(withError: error) }
        StandardError.write(text + "\n")
        exit(exitCode)
    }

    /// An error may quote what a person typed or a file held, and one error has to stay one line.
    private static func line(_ message: String) -> String {
        let parts = message.split(whereSeparator: \.isNewline)
        return "martlet: " + parts.map { $0.trimmingSpaces() }.joined(separator: " ")
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        let head = drop(while: \.isWhitespace)
        guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return head }
        return head[...last]
    }
}
