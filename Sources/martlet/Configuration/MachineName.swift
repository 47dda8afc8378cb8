#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What this machine is called.
enum MachineName {
    /// Empty when the machine has no name. No name service is asked: that could take seconds.
    static var current: String {
        // One byte more than the call may fill: a name that is cut need not be terminated.
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
