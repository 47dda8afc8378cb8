import Synchronization
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An exclusive `flock` on a file: the kernel ends it with the process, however that dies.
///
/// `flock` and not `fcntl`: its lock belongs to the open file, so a child that inherits the file holds the lock on.
/// Neither swift-system nor Foundation offers it.
final class FileLock: Sendable {
    private let descriptor: Mutex<FileDescriptor?>

    private init(_ descriptor: FileDescriptor) {
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    /// - Parameter note: what the file says while the lock is held, to be read with ``note(path:)``.
    /// - Returns: nil when another process has the lock. Never waits.
    /// - Throws: `Errno` when the file cannot be opened, written or locked.
    static func acquire(path: String, note: String) throws -> FileLock? {
        let file = try FileDescriptor.open(
            FilePath(path),
            .readWrite,
            options: [.create, .closeOnExec, .noFollow],
            permissions: [.ownerReadWrite]
        )
        while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            try file.close()
            if code == EWOULDBLOCK { return nil }
            throw Errno(rawValue: code)
        }
        let lock = FileLock(file)
        try lock.write(note)
        return lock
    }

    /// Replaces what the file says.
    func write(_ note: String) throws {
        try descriptor.withLock { descriptor in
            guard let descriptor else { return }
            try descriptor.resize(to: 0)
            try descriptor.writeAll(toAbsoluteOffset: 0, Array(note.utf8))
        }
    }

    /// What the holder of the lock wrote into the file; at most 4 KiB.
    static func note(path: String) -> String? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec]) else {
            return nil
        }
        defer { try? file.close() }
        var buffer = [UInt8](repeating: 0, count: 4096)
        guard let count = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return nil }
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    /// A second descriptor of the same open file, for a child: the lock lasts until both are closed.
    func duplicate() throws -> FileDescriptor? {
        try descriptor.withLock { descriptor in
            guard let descriptor else { return nil }
            let copy = fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else { throw Errno(rawValue: errno) }
            return FileDescriptor(rawValue: copy)
        }
    }

    /// Closes the file. Doing it twice is harmless.
    func release() {
        descriptor.withLock { descriptor in
            try? descriptor?.close()
            descriptor = nil
        }
    }
}
