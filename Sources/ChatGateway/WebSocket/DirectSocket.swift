import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Sends bytes on a channel's socket without going through its pipeline.
///
/// NIO's write and flush cost about as much again as the kernel's own work for a small frame, and a room with a
/// thousand members has a thousand of them. Only its owner, ``OutboundQueue``, calls this, and only while NIO holds
/// nothing for the channel: so the order of bytes is kept. What the kernel does not take is the caller's to write
/// through NIO, errors included: a socket that is broken fails there again, and NIO closes the channel.
enum DirectSocket {
    /// Must be called on the channel's event loop.
    ///
    /// - Returns: how many bytes the kernel took; `nil` when the channel has no socket to send on.
    static func send(_ bytes: ByteBuffer, on channel: any Channel) -> Int? {
        let sent = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { socket in
            bytes.withUnsafeReadableBytes { pointer in
                Self.send(socket, pointer)
            }
        }
        return sent ?? nil
    }

    private static func send(_ socket: NIOBSDSocket.Handle, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            let flags = CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
        #else
            let flags = MSG_DONTWAIT
        #endif
        while true {
            #if canImport(Glibc)
                let sent = Glibc.send(socket, bytes.baseAddress, bytes.count, flags)
            #else
                let sent = Darwin.send(socket, bytes.baseAddress, bytes.count, flags)
            #endif
            if sent >= 0 { return sent }
            // A full socket buffer and a broken connection alike: nothing was taken.
            guard errno == EINTR else { return 0 }
        }
    }
}
