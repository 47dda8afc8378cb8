import SystemPackage

/// Unbuffered writing to standard error.
enum StandardError {
    /// Writes `text` with one system call where the kernel takes it whole, so lines of several threads stay lines.
    static func write(_ text: String) {
        // Nobody is left to be told that standard error does not work.
        _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8))
    }
}
