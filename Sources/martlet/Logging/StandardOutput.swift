import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Unbuffered writing to standard output.
enum StandardOutput {
    /// Writes all of `text`.
    ///
    /// - Throws: `Errno`, `brokenPipe` when the reader has gone: `print` would not tell, and `--watch` would never end.
    static func write(_ text: String) throws {
        _ = try FileDescriptor.standardOutput.writeAll(Array(text.utf8))
    }

    /// Whether somebody looks at it, and not a program.
    static var isTerminal: Bool { isatty(FileDescriptor.standardOutput.rawValue) == 1 }
}
