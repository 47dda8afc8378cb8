/// What a `Range` header asks for (RFC 9110, section 14), of something that has so many bytes. One range only; of several
/// the whole is a right answer, too.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int>)
    case notSatisfiable

    init(_ header: String?, size: Int) {
        self = header.flatMap { Self.parse($0, size: size) } ?? .whole
    }

    /// `nil` for what is no range of bytes, or several: such a header is ignored.
    private static func parse(_ header: String, size: Int) -> ByteRange? {
        guard header.lowercased().hasPrefix("bytes=") else { return nil }
        let bounds = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
            .map { $0.trimming { $0 == " " || $0 == "\t" } }
        guard bounds.count == 2, bounds.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        switch (bounds[0].isEmpty, bounds[1].isEmpty) {
        case (true, true):
            return nil
        case (true, false):
            let count = min(size, Int(bounds[1]) ?? .max)
            return count == 0 ? .notSatisfiable : .part(size - count..<size)
        case (false, let isOpen):
            let first = Int(bounds[0]) ?? .max
            let last = isOpen ? size - 1 : min(Int(bounds[1]) ?? .max, size - 1)
            guard first < size else { return .notSatisfiable }
            return first <= last ? .part(first..<last + 1) : nil
        }
    }
}

extension Substring {
    fileprivate func trimming(_ isSpace: (Character) -> Bool) -> Substring {
        var text = self.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }
}
