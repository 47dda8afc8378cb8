import Foundation
import Testing

/// Every target with its corpus, and with what chance makes of it, from a seed that is always the same: what libFuzzer
/// (`make fuzz`) finds is kept in the corpus, and never comes back.
@Suite(.serialized) struct SeededFuzzTests {
    private static let rounds = 1_000

    @Test(arguments: FuzzTarget.all.map(\.name))
    func nothingTrapsAndEverythingHolds(name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let corpus = try Self.corpus(of: name)
        #expect(!corpus.isEmpty, "Tests/Fuzz/Corpus/\(name) has the seeds")
        for input in corpus { Self.check(target, input) }
        var mutator = Mutator(corpus: corpus, seed: 17)
        for round in 0..<Self.rounds {
            Self.check(target, mutator.next())
            // Other tests wait for the network meanwhile, and for a turn.
            if round.isMultiple(of: 10) { await Task.yield() }
        }
    }

    private static func check(_ target: FuzzTarget, _ input: [UInt8]) {
        let objection = input.withUnsafeBytes { target.check($0) }
        #expect(objection == nil, "input in base64: \(Data(input).base64EncodedString())")
    }

    private static func corpus(of name: String) throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Corpus").appendingPathComponent(name)
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
            .map { [UInt8](try Data(contentsOf: $0)) }
    }
}
