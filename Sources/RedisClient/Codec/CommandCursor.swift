package import NIOCore

/// Where the next argument of a command goes. What does not fit is left out, and then the command is not sent.
package struct CommandCursor {
    private let target: UnsafeMutableRawBufferPointer
    private var index = 0
    private var overflows = false
    private var count = 0

    init(_ target: UnsafeMutableRawBufferPointer) {
        self.target = target
    }

    /// How many bytes were written, and how many arguments; `nil` when not all fitted.
    var written: (bytes: Int, arguments: Int)? { overflows ? nil : (index, count) }

    package mutating func write(_ arguments: FormattedArguments) {
        arguments.bytes.withUnsafeBytes { write(raw: $0) }
        count += arguments.count
    }

    package mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { writeBulk(UnsafeRawBufferPointer($0)) }
    }

    /// One argument, in three pieces.
    package mutating func write(_ start: [UInt8], _ middle: String, _ end: StaticString) {
        var middle = middle
        middle.withUTF8 { middle in
            let length = start.count + middle.count + end.utf8CodeUnitCount
            beginBulk(length)
            guard fits(length + 2) else { return }
            start.withUnsafeBytes { writeFitting($0) }
            writeFitting(UnsafeRawBufferPointer(middle))
            writeFitting(UnsafeRawBufferPointer(start: end.utf8Start, count: end.utf8CodeUnitCount))
            writeFittingLineEnd()
        }
    }

    package mutating func write(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { writeBulk($0) }
    }

    /// In decimal.
    package mutating func write(_ number: Int64) {
        withUnsafeDigits(of: number) { writeBulk($0) }
    }

    mutating func write(_ argument: RedisArgument) {
        switch argument.storage {
        case .text(let text): write(text)
        case .number(let number): write(number)
        case .buffer(let buffer): write(buffer)
        case .bytes(let bytes): bytes.withUnsafeBytes { writeBulk($0) }
        }
    }

    /// What stands in front of all arguments.
    mutating func writeHead(arguments: Int) {
        writeLine(UInt8(ascii: "*"), arguments)
    }

    private mutating func writeBulk(_ bytes: UnsafeRawBufferPointer) {
        beginBulk(bytes.count)
        guard fits(bytes.count + 2) else { return }
        writeFitting(bytes)
        writeFittingLineEnd()
    }

    private mutating func beginBulk(_ length: Int) {
        writeLine(UInt8(ascii: "$"), length)
        count += 1
    }

    private mutating func writeLine(_ mark: UInt8, _ number: Int) {
        // Nearly all lengths have one digit or two: this is done for each argument of each message.
        guard (0..<100).contains(number), target.count - index >= 5 else { return writeLongLine(mark, number) }
        let (tens, ones) = UInt8(truncatingIfNeeded: number).quotientAndRemainder(dividingBy: 10)
        target[index] = mark
        if tens > 0 {
            target[index + 1] = UInt8(ascii: "0") &+ tens
            index += 1
        }
        target[index + 1] = UInt8(ascii: "0") &+ ones
        index += 2
        writeFittingLineEnd()
    }

    private mutating func writeLongLine(_ mark: UInt8, _ number: Int) {
        withUnsafeBytes(of: mark) { write(raw: $0) }
        withUnsafeDigits(of: Int64(number)) { write(raw: $0) }
        writeLineEnd()
    }

    private mutating func writeLineEnd() {
        if fits(2) { writeFittingLineEnd() }
    }

    private mutating func writeFittingLineEnd() {
        target[index] = UInt8(ascii: "\r")
        target[index + 1] = UInt8(ascii: "\n")
        index += 2
    }

    private mutating func write(raw bytes: UnsafeRawBufferPointer) {
        if fits(bytes.count) { writeFitting(bytes) }
    }

    private mutating func writeFitting(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, let target = target.baseAddress else { return }
        (target + index).copyMemory(from: source, byteCount: bytes.count)
        index += bytes.count
    }

    private mutating func fits(_ bytes: Int) -> Bool {
        if target.count - index < bytes { overflows = true }
        return !overflows
    }
}

/// Calls `body` with the number in decimal.
private func withUnsafeDigits<Result>(of number: Int64, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    // Up to 19 digits and a sign.
    withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
        var (place, rest) = (digits.count, number.magnitude)
        repeat {
            place -= 1
            digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if number < 0 {
            place -= 1
            digits[place] = UInt8(ascii: "-")
        }
        return body(UnsafeRawBufferPointer(rebasing: digits[place...]))
    }
}

/// Arguments that many commands have in common, formatted once.
package struct FormattedArguments: Sendable {
    let bytes: [UInt8]
    let count: Int

    package init(_ arguments: [RedisArgument]) {
        let limit = arguments.estimatedCommandBytes
        bytes = [UInt8](unsafeUninitializedCapacity: limit) { target, initialized in
            var cursor = CommandCursor(UnsafeMutableRawBufferPointer(target))
            for argument in arguments { cursor.write(argument) }
            // Estimates are never too low.
            initialized = cursor.written?.bytes ?? 0
        }
        count = arguments.count
    }
}
