public import NIOCore

/// What an attachment's bytes are, told by looking at them: what the sender claims decides nothing that matters.
///
/// After the WHATWG's "MIME Sniffing", section 6, reduced to what browsers show; HTML, SVG and scripts are only text here.
public struct ContentType: Sendable, Hashable {
    public let string: String

    /// `nil` for one that this node would not have found.
    public init?(stored text: String) {
        guard let type = Self.all.first(where: { $0.string == text }) else { return nil }
        self = type
    }

    private init(_ string: String) {
        self.string = string
    }

    /// Whether browsers may show it in place; everything else is a download.
    public var isShownInline: Bool {
        self.string.hasPrefix("image/") || self.string.hasPrefix("audio/") || self.string.hasPrefix("video/")
    }

    public static let bytes = ContentType("application/octet-stream")
    public static let text = ContentType("text/plain")

    /// - Parameter claim: what the sender says; it only chooses between sound and film where one container holds both.
    public init(of content: ByteBuffer, claim: String) {
        let found = content.withUnsafeReadableBytes { bytes in
            Self.signatures.first { $0.matches(bytes) }?.type ?? (Self.isText(bytes) ? .text : .bytes)
        }
        let isSound = found.string.hasPrefix("video/") && claim.lowercased().hasPrefix("audio/")
        self = isSound ? ContentType("audio/" + found.string.dropFirst("video/".count)) : found
    }

    private struct Signature: Sendable {
        var type: ContentType
        var start: [UInt8]
        var offset = 0
        /// What must stand behind `start`, with its own place.
        var more: (offset: Int, bytes: [UInt8])?

        func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
            guard bytes.dropFirst(self.offset).starts(with: self.start) else { return false }
            return self.more.map { bytes.dropFirst($0.offset).starts(with: $0.bytes) } ?? true
        }
    }

    private static func ascii(_ text: StaticString) -> [UInt8] {
        text.withUTF8Buffer { Array($0) }
    }

    private static let signatures: [Signature] = [
        Signature(type: ContentType("image/png"), start: [0x89] + ascii("PNG\r\n") + [0x1A, 0x0A]),
        Signature(type: ContentType("image/jpeg"), start: [0xFF, 0xD8, 0xFF]),
        Signature(type: ContentType("image/gif"), start: ascii("GIF87a")),
        Signature(type: ContentType("image/gif"), start: ascii("GIF89a")),
        Signature(type: ContentType("image/webp"), start: ascii("RIFF"), more: (8, ascii("WEBPVP"))),
        Signature(type: ContentType("image/avif"), start: ascii("ftypavif"), offset: 4),
        Signature(type: ContentType("audio/wav"), start: ascii("RIFF"), more: (8, ascii("WAVE"))),
        Signature(type: ContentType("audio/flac"), start: ascii("fLaC")),
        Signature(type: ContentType("audio/mpeg"), start: ascii("ID3")),
        Signature(type: ContentType("audio/mpeg"), start: [0xFF, 0xFB]),
        Signature(type: ContentType("audio/mpeg"), start: [0xFF, 0xF3]),
        Signature(type: ContentType("audio/mpeg"), start: [0xFF, 0xF2]),
        Signature(type: ContentType("audio/mp4"), start: ascii("ftypM4A"), offset: 4),
        Signature(type: ContentType("video/ogg"), start: ascii("OggS") + [0]),
        Signature(type: ContentType("video/webm"), start: [0x1A, 0x45, 0xDF, 0xA3]),
        Signature(type: ContentType("video/mp4"), start: ascii("ftyp"), offset: 4),
        Signature(type: ContentType("application/pdf"), start: ascii("%PDF-")),
        Signature(type: ContentType("application/zip"), start: ascii("PK") + [3, 4]),
        Signature(type: ContentType("application/gzip"), start: [0x1F, 0x8B, 0x08]),
    ]

    private static let all: [ContentType] =
        signatures.map(\.type) + [.text, .bytes] + ["audio/ogg", "audio/webm", "audio/mp4"].map { ContentType($0) }

    /// UTF-8 without control characters but for those that lay out text.
    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) || $0 == 0x1B }
            && String(validating: bytes, as: UTF8.self) != nil
    }
}
