import Foundation
import Testing

/// Every target with its corpus, and with what chance makes of it, from a seed that is always the same: what libFuzzer
/// (`make fuzz`) finds is kept in the corpus, and never comes back.
///
/// 1,000 inputs for each target; with `MARTLET_FUZZ_SECONDS` as many more as that time allows (`scripts/test.sh fuzz`).
@Suite(.serialized) struct SeededFuzzTests {
    private static let rounds = 1_000
    private static let duration = Duration.seconds(
        ProcessInfo.processInfo.environment["MARTLET_FUZZ_SECONDS"].flatMap { Int64($0) } ?? 0)

    @Test(arguments: FuzzTarget.all.map(\.name))
    func nothingTrapsAndEverythingHolds(name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let corpus = try Self.corpus(of: name)
        #expect(!corpus.isEmpty, "Tests/Fuzz/Corpus/\(name) has the seeds")
        for input in corpus { Self.check(target, input) }
        var mutator = Mutator(corpus: corpus, seed: 17)
        let end = ContinuousClock.now + Self.duration
        var round = 0
        while round < Self.rounds || ContinuousClock.now < end {
            Self.check(target, mutator.next())
            round += 1
            // Other tests wait for the network meanwhile, and for a turn.
            if round.isMultiple(of: 10) { await Task.yield() }
        }
        print("fuzz: \(name), \(round) inputs")
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
