import Foundation
import NIOSSL
import Synchronization

/// The node's certificate and key, read again when the files change. Connections that are open keep what they have.
public final class ServerCertificate: Sendable {
    /// Why the files cannot be used, in words for operators.
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    public enum Renewal: Sendable {
        case unchanged
        case renewed
        /// The files changed and cannot be used (yet): what was read before goes on. Said once for each change.
        case failed(Failure)
    }

    private let certificatePath: String
    private let keyPath: String
    private let state: Mutex<State>

    private struct State {
        var context: NIOSSLContext
        var stamps: [FileStamp]
    }

    /// Reads both files. Blocks: call it before the node serves, or off its event loops.
    ///
    /// - Parameters:
    ///   - certificatePath: PEM; the node's certificate first, then what leads to the root.
    ///   - keyPath: PEM, without a passphrase.
    public init(certificatePath: String, keyPath: String) throws(Failure) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        let stamps = FileStamp.of([certificatePath, keyPath])
        self.state = Mutex(State(context: try Self.load(certificatePath, keyPath), stamps: stamps))
    }

    /// What new connections are to use.
    var context: NIOSSLContext { self.state.withLock { $0.context } }

    /// Reads the files again if they are others than before. Blocks.
    public func renew() -> Renewal {
        // Before the files are read: a change in between is then found the next time.
        let stamps = FileStamp.of([self.certificatePath, self.keyPath])
        guard stamps != self.state.withLock({ $0.stamps }) else { return .unchanged }
        do throws(Failure) {
            let context = try Self.load(self.certificatePath, self.keyPath)
            self.state.withLock { $0 = State(context: context, stamps: stamps) }
            return .renewed
        } catch {
            self.state.withLock { $0.stamps = stamps }
            return .failed(error)
        }
    }

    private static func load(_ certificatePath: String, _ keyPath: String) throws(Failure) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificatePath)
            guard !chain.isEmpty else { throw Failure(description: "\(certificatePath) holds no certificate") }
            let key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)
            )
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(description: "\(certificatePath) and \(keyPath) are no usable PEM pair: \(error)")
        }
    }
}

/// What tells one version of a file from another; also where a link is turned to another file.
private struct FileStamp: Equatable {
    var modified: Date?
    var size: UInt64?
    var file: UInt64?

    static func of(_ paths: [String]) -> [FileStamp] {
        paths.map { path in
            let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            let attributes = (try? FileManager.default.attributesOfItem(atPath: target)) ?? [:]
            return FileStamp(
                modified: attributes[.modificationDate] as? Date,
                size: (attributes[.size] as? NSNumber)?.uint64Value,
                file: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value
            )
        }
    }
}
