import Foundation
import NIOCore
import NIOSSL
import RedisClient
import Subprocess
import TestSupport
import Testing

@Suite struct TLSTests {
    /// A key and a certificate for localhost that vouches for itself, made by `openssl`.
    private func makeCertificate(in directory: URL) async throws -> (key: String, certificate: String) {
        let key = directory.appendingPathComponent("key.pem").path
        let certificate = directory.appendingPathComponent("certificate.pem").path
        let result = try await Subprocess.run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            ],
            output: .discarded,
            error: .discarded
        )
        try #require(result.terminationStatus.isSuccess)
        return (key, certificate)
    }

    private func withTLSServer(
        _ body: (_ port: Int, _ trusting: RedisLinkConfiguration) async throws -> Void
    ) async throws {
        let directory = URL(fileURLWithPath: "/tmp/redis-tls-\(UInt32.random(in: 0...UInt32.max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (key, certificate) = try await makeCertificate(in: directory)
        let port = try freeLoopbackPort()
        let options = [
            "--tls-port", "\(port)", "--tls-cert-file", certificate, "--tls-key-file", key,
            "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no",
        ]
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(certificate)
        var configuration = quickConfiguration()
        configuration.tls = tls
        try await withRedisServer(options) { _ in try await body(port, configuration) }
    }

    @Test func bothLinksSpeakTLS() async throws {
        try await withTLSServer { port, trusting in
            for host in ["localhost", "127.0.0.1"] {
                let url = "rediss://\(host):\(port)"
                try await withSubscriberLink(to: url, configuration: trusting) { subscriber in
                    try await subscriber.wait { $0.link.subscribe("a") }
                    try await withCommandLink(to: url, configuration: trusting) { link in
                        _ = try await link.wait { $0.link.send(["PUBLISH", "a", "x"]) }
                    }
                    try await eventually("it came") { try await subscriber { $0.messages } == ["a x"] }
                }
            }
        }
    }

    @Test func anUnknownCertificateIsRefused() async throws {
        try await withTLSServer { port, _ in
            try await withCommandLink(to: "rediss://localhost:\(port)", awaitReady: false) { link in
                try await eventually("an attempt failed") { try await link { !$0.failures.isEmpty } }
                let failure = try await link { $0.failures.first }
                #expect(failure?.kind == .unreachable)
                #expect(failure?.reason.contains("TLS with rediss://localhost") == true)
                #expect(try await link { $0.states }.isEmpty)
            }
        }
    }
}
