import Testing

@testable import ChatProtocol

/// Eight bytes at a time must find what one at a time finds.
@Suite struct ByteScanTests {
    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func isPrintable(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) || byte == 0x09 || byte == 0x0A
    }

    @Test(arguments: 0...255 as ClosedRange<UInt8>)
    func anyByteAtAnyPlaceIsFound(_ byte: UInt8) {
        for count in [1, 7, 8, 9, 16, 21] {
            for place in 0..<count {
                // The neighbours that carries and borrows could come from.
                for filler in [0x21, 0x61, 0x7F, 0x80, 0xFF] as [UInt8] where !Self.isEscaped(filler) {
                    var bytes = [UInt8](repeating: filler, count: count)
                    bytes[place] = byte
                    bytes.withUnsafeBytes { bytes in
                        let expected = bytes.firstIndex(where: Self.isEscaped) ?? count
                        #expect(bytes.indexOfEscaped(from: 0) == expected)
                        #expect(bytes.indexOfEscaped(from: place) == expected)
                        #expect(bytes.isASCII == bytes.allSatisfy { $0 < 0x80 })
                        #expect(bytes.isPrintableASCII == bytes.allSatisfy(Self.isPrintable))
                        #expect(bytes.contains(byte: byte))
                        for start in [0, place] {
                            #expect(bytes.index(of: byte, from: start) == bytes[start...].firstIndex(of: byte) ?? count)
                        }
                        #expect(bytes.contains(byte: byte ^ 1) == bytes.contains(byte ^ 1))
                    }
                }
            }
        }
    }

    @Test func nothingIsFoundInNothing() {
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(none.indexOfEscaped(from: 0) == 0 && none.isASCII && none.isPrintableASCII && !none.contains(byte: 0))
        #expect(!"".contains(byte: 0x40) && "a@b".contains(byte: 0x40))
    }
}
