/// Proposes epochs for the scripts to use when they need one: Redis's own random numbers are the same after each restart.
///
/// 64 bits as 13 digits of base 32: up to 15 bytes Swift keeps a text in place, and every message passes its epoch on
/// many times. One source never says the same twice (its steps go through all numbers, SplitMix64); two begin at random
/// places. Asking the system for each of them would be a system call a message.
struct EpochSource {
    private var state = UInt64.random(in: 0 ... .max)

    mutating func next() -> String {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        word ^= word >> 31
        return Self.text(word)
    }

    private static func text(_ word: UInt64) -> String {
        String(unsafeUninitializedCapacity: 13) { digits in
            var rest = word
            for place in (0..<13).reversed() {
                let value = UInt8(rest & 31)
                digits[place] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                rest >>= 5
            }
            return 13
        }
    }
}
