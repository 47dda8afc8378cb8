/// One thing that reads what strangers send, as a function of bytes. It may answer with anything but a trap; where more
/// than that has to hold of every input, it says what did not.
struct FuzzTarget: Sendable {
    /// The folder of its seeds in `Corpus`, and what `scripts/fuzz.sh` calls it.
    let name: String
    /// - Returns: what did not hold; `nil` for all inputs if the code is right.
    let check: @Sendable (UnsafeRawBufferPointer) -> String?

    static let all: [FuzzTarget] = [
        FuzzTarget(name: "client-frame", check: clientFrame),
        FuzzTarget(name: "attach-header", check: attachHeader),
        FuzzTarget(name: "websocket", check: webSocket),
        FuzzTarget(name: "resp", check: resp),
        FuzzTarget(name: "proxy-header", check: proxyHeader),
        FuzzTarget(name: "http-text", check: httpText),
    ]
}
