import Foundation

/// libFuzzer's main function, in a form that may be called: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// What `MARTLET_FUZZ_TARGET` names; a C function cannot bring it along.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["MARTLET_FUZZ_TARGET"] ?? ""
    guard let found = FuzzTarget.all.first(where: { $0.name == name }) else {
        fatalError("MARTLET_FUZZ_TARGET must be one of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
    }
    return found
}()

/// SwiftPM starts a program at `MODULE_main`.
@_cdecl("MartletFuzz_main")
public func main(
    _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments) { bytes, count in
        if let objection = target.check(UnsafeRawBufferPointer(start: bytes, count: count)) { fatalError(objection) }
        return 0
    }
}
