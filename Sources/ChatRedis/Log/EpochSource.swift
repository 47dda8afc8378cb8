internal import RedisClient

/// Proposes epochs for the scripts to use when they need one: Redis's own random numbers are the same after each restart.
///
/// 64 bits as hexadecimal digits. One source never says the same twice (its steps go through all numbers, SplitMix64);
/// two begin at random places. Asking the system for each of them would be a system call a message.
struct EpochSource {
    private var state = UInt64.random(in: 0 ... .max)

    mutating func next() -> RedisArgument {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        word ^= word >> 31
        return RedisArgument(Self.hexadecimal(word))
    }

    private static func hexadecimal(_ word: UInt64) -> [UInt8] {
        (0..<16).map { digit in
            let value = UInt8(truncatingIfNeeded: word >> (60 - 4 * UInt64(digit))) & 0xF
            return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
        }
    }
}
