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

    package mutating func write(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { writeBulk($0) }
    }

    /// In decimal.
    package mutating func write(_ number: Int64) {
        writeLine(UInt8(ascii: "$"), Int64(number.decimalCount))
        writeDigits(number)
        writeLineEnd()
        count += 1
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
        writeLine(UInt8(ascii: "*"), Int64(arguments))
    }

    private mutating func writeBulk(_ bytes: UnsafeRawBufferPointer) {
        writeLine(UInt8(ascii: "$"), Int64(bytes.count))
        write(raw: bytes)
        writeLineEnd()
        count += 1
    }

    private mutating func writeLine(_ mark: UInt8, _ number: Int64) {
        guard fits(1) else { return }
        target[index] = mark
        index += 1
        writeDigits(number)
        writeLineEnd()
    }

    private mutating func writeLineEnd() {
        guard fits(2) else { return }
        target[index] = UInt8(ascii: "\r")
        target[index + 1] = UInt8(ascii: "\n")
        index += 2
    }

    private mutating func write(raw bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0, fits(bytes.count) else { return }
        UnsafeMutableRawBufferPointer(rebasing: target[index..<index + bytes.count]).copyMemory(from: bytes)
        index += bytes.count
    }

    private mutating func writeDigits(_ number: Int64) {
        let digits = number.decimalCount
        guard fits(digits) else { return }
        var (place, rest) = (index + digits, number.magnitude)
        repeat {
            place -= 1
            target[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if number < 0 { target[index] = UInt8(ascii: "-") }
        index += digits
    }

    private mutating func fits(_ bytes: Int) -> Bool {
        if target.count - index < bytes { overflows = true }
        return !overflows
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

    package var byteCount: Int { bytes.count }
}
