/// Values by name, where a name can be looked up by its bytes: the message path needs no new `String` to find the one
/// it is to hand out.
///
/// Names are compared byte by byte, as Redis does. `String` would take "é" written in two ways for one name.
struct NameTable<Value> {
    /// Kept are names; bytes are only looked up. Swift seeds the hash anew in each process, so users who choose names cannot
    /// aim for one bucket.
    private enum Key: Hashable {
        case name(String)
        case bytes(UnsafeRawBufferPointer)

        static func == (one: Key, other: Key) -> Bool {
            one.withBytes { bytes in other.withBytes { bytes.hasSameBytes(as: $0) } }
        }

        func hash(into hasher: inout Hasher) {
            withBytes { hasher.combine(bytes: $0) }
        }

        private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
            switch self {
            case .bytes(let bytes): return body(bytes)
            case .name(var name): return name.withUTF8 { body(UnsafeRawBufferPointer($0)) }
            }
        }
    }

    private var values: [Key: Value] = [:]

    var count: Int { values.count }

    /// The table's own copy of the name, and its value.
    func find(_ bytes: UnsafeRawBufferPointer) -> (name: String, value: Value)? {
        guard let index = values.index(forKey: .bytes(bytes)), case .name(let name) = values[index].key else {
            return nil
        }
        return (name, values[index].value)
    }

    subscript(name: String) -> Value? {
        get { values[.name(name)] }
        set { values[.name(name)] = newValue }
    }

    /// Changes a value in place, beginning with `initial` for a new name.
    mutating func update(_ name: String, default initial: Value, _ body: (inout Value) -> Void) {
        body(&values[.name(name), default: initial])
    }

    func forEach(_ body: (String, Value) -> Void) {
        for (key, value) in values {
            if case .name(let name) = key { body(name, value) }
        }
    }
}
