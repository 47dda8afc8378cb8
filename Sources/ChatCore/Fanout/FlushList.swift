/// Sessions that have something to send in this turn of the loop, each once.
///
/// Writes are gathered and flushed once a turn, so that several frames for one session leave in one system call.
public final class FlushList {
    private var outputs: [any SessionOutput] = []

    public init() {}

    /// Notes an output; the caller makes sure that it notes each only once until ``flush()``.
    public func add(_ output: any SessionOutput) {
        self.outputs.append(output)
    }

    public var isEmpty: Bool { self.outputs.isEmpty }

    /// Sends what the outputs have gathered.
    public func flush() {
        while !self.outputs.isEmpty {
            let turn = self.outputs
            self.outputs.removeAll(keepingCapacity: true)
            for output in turn { output.flush() }
        }
    }
}
