/// Values by name, where a name can be looked up by its bytes: the message path needs no new `String` to find the one
/// it is to hand out.
///
/// Names are compared byte by byte, as Redis does. `String` would take "é" written in two ways for one name.
struct NameTable<Value> {
    private struct Element {
        let name: String
        var value: Value
    }

    /// By the hash of the bytes. Swift seeds it anew in each process, so users who choose names cannot aim for one
    /// bucket.
    private var buckets: [Int: [Element]] = [:]
    private(set) var count = 0

    /// The table's own copy of the name, and its value.
    func find(_ bytes: UnsafeRawBufferPointer) -> (name: String, value: Value)? {
        guard let bucket = buckets[Self.hash(bytes)] else { return nil }
        for element in bucket where Self.isEqual(element.name, bytes) { return (element.name, element.value) }
        return nil
    }

    subscript(name: String) -> Value? {
        get {
            Self.withBytes(of: name) { find($0)?.value }
        }
        set {
            Self.withBytes(of: name) { bytes in
                let hash = Self.hash(bytes)
                let index = buckets[hash]?.firstIndex { Self.isEqual($0.name, bytes) }
                switch (index, newValue) {
                case (let index?, let value?):
                    buckets[hash]?[index].value = value
                case (nil, let value?):
                    buckets[hash, default: []].append(Element(name: name, value: value))
                    count += 1
                case (let index?, nil):
                    buckets[hash]?.remove(at: index)
                    if buckets[hash]?.isEmpty == true { buckets[hash] = nil }
                    count -= 1
                case (nil, nil):
                    break
                }
            }
        }
    }

    /// Changes a value in place, beginning with `initial` for a new name.
    mutating func update(_ name: String, default initial: Value, _ body: (inout Value) -> Void) {
        let (hash, index) = Self.withBytes(of: name) { bytes in
            let hash = Self.hash(bytes)
            return (hash, buckets[hash]?.firstIndex { Self.isEqual($0.name, bytes) })
        }
        if let index, buckets[hash] != nil {
            body(&buckets[hash, default: []][index].value)
        } else {
            var value = initial
            body(&value)
            self[name] = value
        }
    }

    func forEach(_ body: (String, Value) -> Void) {
        for bucket in buckets.values {
            for element in bucket { body(element.name, element.value) }
        }
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: bytes)
        return hasher.finalize()
    }

    private static func isEqual(_ name: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        withBytes(of: name) { $0.hasSameBytes(as: bytes) }
    }

    private static func withBytes<Result>(of name: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let result = name.utf8.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) {
            return result
        }
        return Array(name.utf8).withUnsafeBytes(body)
    }
}
