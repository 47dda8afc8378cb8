import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A blocking TCP client on loopback, for peers that read slowly, or not at all, or send what no library would.
final class RawSocket: Sendable {
    /// Threads to block, so that neither tests nor event loops have to wait for a peer.
    static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 8)
        pool.start()
        return pool
    }()

    struct Failure: Error {
        var what: String
        var code: Int32
    }

    private let descriptor: Int32

    /// With the kernel's own receive buffer: one smaller than a segment of the loopback makes TCP wait for timers.
    init(port: Int) throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { [descriptor] in
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(what: "connect", code: errno) }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard sent > 0 else { throw Failure(what: "write", code: errno) }
            rest = rest.dropFirst(sent)
        }
    }

    /// At most `count` bytes; empty at the end of the stream, also after a reset.
    func read(_ count: Int) throws -> [UInt8] {
        let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, size in
            #if canImport(Glibc)
                size = max(0, Glibc.read(descriptor, buffer.baseAddress, count))
            #else
                size = max(0, Darwin.read(descriptor, buffer.baseAddress, count))
            #endif
            if size == 0, errno == EAGAIN { throw Failure(what: "nothing came for 20 s", code: errno) }
        }
        return bytes
    }

    /// All frames up to the end of the stream, and how many bytes were left over; answers the server's close.
    func readToEnd(chunk: Int = 65_536) throws -> (frames: [PeerFrame], rest: Int) {
        var frames: [PeerFrame] = []
        var unread = ByteBuffer()
        while true {
            errno = 0
            let bytes = try read(chunk)
            guard !bytes.isEmpty else { return (frames, unread.readableBytes) }
            unread.writeBytes(bytes)
            while let frame = PeerFrame.next(&unread) {
                frames.append(frame)
                if frame.opcode == 8 { try? send(PeerFrame.bytes(opcode: 8, Array(frame.payload.readableBytesView))) }
            }
            unread.discardReadBytes()
        }
    }

    /// The head of an HTTP response.
    func readHead() throws -> String {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            errno = 0
            let byte = try read(1)
            guard !byte.isEmpty else { break }
            head += byte
        }
        return String(decoding: head, as: UTF8.self)
    }
}
