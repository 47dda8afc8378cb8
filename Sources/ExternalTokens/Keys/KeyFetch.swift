import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Gets an issuer's keys from where it publishes them: no redirects, bounded in size and in time.
final class KeyFetch: Sendable {
    /// For all of it, from the name's address to the last byte.
    static let deadline = Duration.seconds(5)
    private let client: HTTPClient

    init(on group: any EventLoopGroup) {
        let configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(3), read: .seconds(3)),
            decompression: .disabled
        )
        self.client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }

    func get(_ url: String) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await self.body(of: url) }
            group.addTask {
                try await Task.sleep(for: Self.deadline)
                throw KeyFailure("there is no whole answer within \(Self.deadline)")
            }
            defer { group.cancelAll() }
            guard let bytes = try await group.next() else { throw KeyFailure("there is no answer") }
            return bytes
        }
    }

    private func body(of url: String) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Accept", value: "application/jwk-set+json, application/json")
        request.headers.add(name: "User-Agent", value: "martlet")
        let response = try await self.client.execute(request, timeout: .seconds(5))
        guard response.status == .ok else { throw KeyFailure("the answer is \(response.status.code)") }
        do {
            return Array(buffer: try await response.body.collect(upTo: KeySet.byteLimit))
        } catch is NIOTooManyBytesError {
            throw KeyFailure("the answer is larger than \(KeySet.byteLimit) bytes")
        }
    }

    func close() async {
        try? await self.client.shutdown()
    }
}
