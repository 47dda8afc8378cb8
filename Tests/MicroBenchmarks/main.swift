// martlet-microbenchmarks                    nanoseconds for each piece
// martlet-microbenchmarks NAME ITERATIONS    does one piece so often, for a profiler

let all = WebSocketPieces.all + ProtocolPieces.all + RedisPieces.all
let arguments = CommandLine.arguments.dropFirst()

if let name = arguments.first, let iterations = arguments.dropFirst().first.flatMap({ Int($0) }) {
    for benchmark in all where benchmark.name == name { try benchmark.run(iterations) }
} else {
    for benchmark in all {
        let tenths = Int((try benchmark.time() * 10).rounded())
        print("\(benchmark.name)\t\(tenths / 10).\(tenths % 10)")
    }
}
