import TestSupport

/// Inputs that are nearly right: a seed with a few bytes changed, taken out, repeated, or put in from another seed.
struct Mutator {
    private let corpus: [[UInt8]]
    private var random: SeededGenerator
    /// What parsers trip over: limits of lengths and of UTF-8, and their own punctuation.
    private static let pieces: [[UInt8]] = [
        [0], [0x7F], [0x80], [0xFF], [0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0, 0, 0, 0, 0],
        [0xED, 0xA0, 0x80], [0xC3], [0xF4, 0x90, 0x80, 0x80], Array("\\ud800".utf8), Array("-1\r\n".utf8),
        Array("*2147483647\r\n".utf8), Array("$9223372036854775807\r\n".utf8), Array("\r\n".utf8), Array("\"".utf8),
        Array("{}[],:".utf8), Array("1e999".utf8), Array("\u{202E}\u{200B}".utf8), Array("0-".utf8), Array("%00".utf8),
    ]

    init(corpus: [[UInt8]], seed: UInt64) {
        self.corpus = corpus
        self.random = SeededGenerator(seed: seed)
    }

    mutating func next() -> [UInt8] {
        var input = self.corpus.randomElement(using: &self.random) ?? []
        for _ in 0..<Int.random(in: 1...6, using: &self.random) { self.change(&input) }
        return Array(input.prefix(4_096))
    }

    private mutating func change(_ input: inout [UInt8]) {
        let place = Int.random(in: 0...input.count, using: &self.random)
        let end = min(input.count, place + Int.random(in: 1...16, using: &self.random))
        switch Int.random(in: 0..<6, using: &self.random) {
        case 0 where place < input.count: input[place] ^= 1 << UInt8.random(in: 0..<8, using: &self.random)
        case 1 where place < input.count: input[place] = UInt8.random(in: 0...255, using: &self.random)
        case 2: input.removeSubrange(place..<end)
        case 3: input.insert(contentsOf: input[place..<end], at: place)
        case 4:
            let other = self.corpus.randomElement(using: &self.random) ?? []
            input.insert(contentsOf: other.dropFirst(Int.random(in: 0...other.count, using: &self.random)), at: place)
        default: input.insert(contentsOf: Self.pieces.randomElement(using: &self.random) ?? [], at: place)
        }
    }
}
