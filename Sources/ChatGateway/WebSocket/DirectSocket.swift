import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The socket beneath a channel, for sending bytes without going through the channel's pipeline.
///
/// NIO's write and flush cost about as much again as the kernel's own work for a small frame, and a room with a
/// thousand members has a thousand of them. Only its owner, ``OutboundQueue``, uses this, on the channel's event loop, and
/// only while NIO holds nothing for the channel: so the order of bytes is kept. What the kernel does not take is the
/// caller's to write through NIO, errors included: a socket that is broken fails there again, and NIO closes the channel.
///
/// The handle is asked for once: NIO looks for it by a dynamic cast, which costs as much as a tenth of a send. It stays
/// the channel's own until its owner hears that the channel is inactive, or that a write through NIO has failed: NIO closes
/// the descriptor, fails the writes it holds and says that the channel is inactive in one step in which no other code runs.
struct DirectSocket {
    typealias Handle = NIOBSDSocket.Handle

    let handle: Handle

    /// Must be called on the channel's event loop.
    ///
    /// - Returns: `nil` when the channel has no socket to send on.
    init?(_ channel: any Channel) {
        let handle = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
        guard let handle = handle ?? nil else { return nil }
        self.handle = handle
    }

    /// Must be called on the channel's event loop, and no more once the channel is closed.
    ///
    /// - Returns: how many bytes the kernel took.
    func send(_ bytes: ByteBuffer) -> Int {
        bytes.withUnsafeReadableBytes { Self.send($0, to: self.handle) }
    }

    static func send(_ bytes: UnsafeRawBufferPointer, to handle: Handle) -> Int {
        #if canImport(Glibc)
            let flags = CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
        #else
            let flags = MSG_DONTWAIT
        #endif
        while true {
            #if canImport(Glibc)
                let sent = Glibc.send(handle, bytes.baseAddress, bytes.count, flags)
            #else
                let sent = Darwin.send(handle, bytes.baseAddress, bytes.count, flags)
            #endif
            if sent >= 0 { return sent }
            // A full socket buffer and a broken connection alike: nothing was taken.
            guard errno == EINTR else { return 0 }
        }
    }
}
