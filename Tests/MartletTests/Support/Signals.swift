import Subprocess

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Processes that are not children of the tests.
enum ForeignProcess {
    /// Whether there was such a process.
    @discardableResult
    static func send(_ signal: Signal, to pid: pid_t) -> Bool { kill(pid, signal.rawValue) == 0 }

    static func exists(_ pid: pid_t) -> Bool { kill(pid, 0) == 0 }

    static func group(of pid: pid_t) -> pid_t { getpgid(pid) }
}
