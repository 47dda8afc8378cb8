public import NIOCore

/// What is wrong with a JSON text, and where.
public struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    public var reason: String
    /// Bytes from the start of the text.
    public var offset: Int

    public var description: String { "\(self.reason) at byte \(self.offset)" }
}

extension JSONValue {
    /// Parses a JSON text strictly by RFC 8259: one value, nothing behind it but white space, no lone surrogates.
    ///
    /// - Parameter depthLimit: how deep arrays and objects may nest.
    public static func parse(_ text: ByteBuffer, depthLimit: Int = 16) throws(JSONSyntaxError) -> JSONValue {
        let result = text.withUnsafeReadableBytes { bytes -> Result<JSONValue, JSONSyntaxError> in
            var parser = JSONParser(bytes: bytes, isASCII: bytes.isASCII, depthLimit: depthLimit)
            do throws(JSONSyntaxError) {
                return .success(try parser.parseText())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// A recursive descent over bytes. Its own, because every frame of every client goes through it: no Foundation type is
/// built on the way, and its depth and its refusals are ours to test (docs/decisions/0002).
private struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    /// All of it: asked for once, and not for each string.
    let isASCII: Bool
    let depthLimit: Int
    var index = 0

    mutating func parseText() throws(JSONSyntaxError) -> JSONValue {
        self.skipWhitespace()
        let value = try self.parseValue(depth: 0)
        self.skipWhitespace()
        guard self.index == self.bytes.count else { throw self.error("unexpected text behind the value") }
        return value
    }

    private mutating func parseValue(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard let byte = self.peek else { throw self.error("unexpected end") }
        switch byte {
        case UInt8(ascii: "{"): return try self.parseObject(depth: depth + 1)
        case UInt8(ascii: "["): return try self.parseArray(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try self.parseString())
        case UInt8(ascii: "t"): return try self.expect("true", .bool(true))
        case UInt8(ascii: "f"): return try self.expect("false", .bool(false))
        case UInt8(ascii: "n"): return try self.expect("null", .null)
        default: return try self.parseNumber()
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= self.depthLimit else { throw self.error("nested too deep") }
        self.index += 1
        var members: [JSONValue.JSONMember] = []
        self.skipWhitespace()
        if self.take(UInt8(ascii: "}")) { return .object(members) }
        // What most frames have: growing to it step by step costs more than what is too much.
        members.reserveCapacity(4)
        while true {
            self.skipWhitespace()
            guard self.peek == UInt8(ascii: "\"") else { throw self.error("expected a member's name") }
            let name = try self.parseString()
            self.skipWhitespace()
            guard self.take(UInt8(ascii: ":")) else { throw self.error("expected ':'") }
            self.skipWhitespace()
            members.append(.init(name: name, value: try self.parseValue(depth: depth)))
            self.skipWhitespace()
            if self.take(UInt8(ascii: ",")) { continue }
            if self.take(UInt8(ascii: "}")) { return .object(members) }
            throw self.error("expected ',' or '}'")
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= self.depthLimit else { throw self.error("nested too deep") }
        self.index += 1
        var values: [JSONValue] = []
        self.skipWhitespace()
        if self.take(UInt8(ascii: "]")) { return .array(values) }
        while true {
            self.skipWhitespace()
            values.append(try self.parseValue(depth: depth))
            self.skipWhitespace()
            if self.take(UInt8(ascii: ",")) { continue }
            if self.take(UInt8(ascii: "]")) { return .array(values) }
            throw self.error("expected ',' or ']'")
        }
    }

    private mutating func parseString() throws(JSONSyntaxError) -> String {
        self.index += 1
        let start = self.index
        self.index = self.bytes.indexOfEscaped(from: start)
        switch self.peek {
        case UInt8(ascii: "\""):
            let bytes = UnsafeRawBufferPointer(rebasing: self.bytes[start..<self.index])
            self.index += 1
            // ASCII needs no validation, and validating costs more than all else here.
            return self.isASCII || bytes.isASCII ? String(repairing: bytes) : try self.text(bytes)
        case UInt8(ascii: "\\"): return try self.parseEscapedString(from: start)
        case nil: throw self.error("unexpected end of a string")
        default: throw self.error("control character in a string")
        }
    }

    private mutating func parseEscapedString(from start: Int) throws(JSONSyntaxError) -> String {
        var unescaped = Array(self.bytes[start..<self.index])
        while let byte = self.peek {
            self.index += 1
            switch byte {
            case UInt8(ascii: "\""): return try self.text(unescaped[...])
            case UInt8(ascii: "\\"): try self.parseEscape(into: &unescaped)
            case 0x20...: unescaped.append(byte)
            default: throw self.error("control character in a string")
            }
        }
        throw self.error("unexpected end of a string")
    }

    private mutating func parseEscape(into bytes: inout [UInt8]) throws(JSONSyntaxError) {
        guard let byte = self.peek else { throw self.error("unexpected end of a string") }
        self.index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): bytes.append(contentsOf: String(try self.parseUnicodeEscape()).utf8)
        default: throw self.error("unknown escape")
        }
    }

    private mutating func parseUnicodeEscape() throws(JSONSyntaxError) -> Character {
        let first = try self.parseFourDigits()
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        guard (0xD800..<0xDC00).contains(first), self.take(UInt8(ascii: "\\")), self.take(UInt8(ascii: "u")) else {
            throw self.error("lone surrogate")
        }
        let second = try self.parseFourDigits()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw self.error("lone surrogate") }
        return Character(scalar)
    }

    private mutating func parseFourDigits() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = self.peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw self.error("expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            self.index += 1
        }
        return value
    }

    private mutating func parseNumber() throws(JSONSyntaxError) -> JSONValue {
        let start = self.index
        var isInteger = true
        _ = self.take(UInt8(ascii: "-"))
        if !self.take(UInt8(ascii: "0")) { try self.skipDigits() }
        if self.take(UInt8(ascii: ".")) {
            isInteger = false
            try self.skipDigits()
        }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            isInteger = false
            if !self.take(UInt8(ascii: "+")) { _ = self.take(UInt8(ascii: "-")) }
            try self.skipDigits()
        }
        let text = String(decoding: self.bytes[start..<self.index], as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text) else { throw self.error("not a number") }
        return .number(number)
    }

    private mutating func skipDigits() throws(JSONSyntaxError) {
        let start = self.index
        while let byte = self.peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { self.index += 1 }
        guard self.index > start else { throw self.error("unexpected character") }
    }

    private mutating func expect(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard self.take(word.utf8Start[offset]) else { throw self.error("unexpected character") }
        }
        return value
    }

    private func text(_ bytes: some Collection<UInt8>) throws(JSONSyntaxError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw self.error("invalid UTF-8") }
        return text
    }

    private mutating func skipWhitespace() {
        while let byte = self.peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.index += 1 }
    }

    private var peek: UInt8? {
        self.index < self.bytes.count ? self.bytes[self.index] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.peek == byte else { return false }
        self.index += 1
        return true
    }

    private func error(_ reason: String) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, offset: self.index)
    }
}
