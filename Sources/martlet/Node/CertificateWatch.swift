import ChatGateway
import Logging
import ServiceLifecycle

/// Looks for a renewed certificate every few seconds, for as long as the node runs.
struct CertificateWatch: Service, CustomStringConvertible {
    let certificate: ServerCertificate
    let logger: Logger
    private static let interval = Duration.seconds(2)

    var description: String { "CertificateWatch" }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil { await self.look() }
        }
    }

    /// Reading files blocks, so not on an event loop.
    @concurrent private func look() async {
        switch self.certificate.renew() {
        case .unchanged: return
        case .renewed: self.logger.info("the certificate was renewed: new connections use it")
        case .failed(let failure):
            self.logger.error(
                "the renewed certificate is not used: the former one goes on", metadata: ["reason": "\(failure)"])
        }
    }
}
