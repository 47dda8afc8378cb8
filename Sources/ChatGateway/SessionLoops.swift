public import ChatCore
public import NIOCore

/// The session loops of a node, by the event loop they live on.
public struct SessionLoops: Sendable {
    private let loops: [ObjectIdentifier: NIOLoopBound<SessionLoop>]
    /// In the order of the loops' indices.
    let eventLoops: [any EventLoop]

    /// - Parameter loops: each bound on its own event loop.
    public init(_ loops: [NIOLoopBound<SessionLoop>], eventLoops: [any EventLoop]) {
        self.eventLoops = eventLoops
        self.loops = Dictionary(uniqueKeysWithValues: zip(eventLoops.map { ObjectIdentifier($0) }, loops))
    }

    /// Must be called on that event loop.
    subscript(eventLoop: any EventLoop) -> SessionLoop? {
        self.loops[ObjectIdentifier(eventLoop)]?.value
    }
}
