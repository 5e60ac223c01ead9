// What libFuzzer calls; its library brings main. The environment says which target, since the command line is its own.
import FuzzChecks
import Glibc

private let target: FuzzTarget = {
    let name = getenv("SIMPUL_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget.named(name) else {
        complain("SIMPUL_FUZZ_TARGET is one of \(FuzzTarget.all.map(\.name).joined(separator: " "))")
        exit(2)
    }
    return target
}()

/// Checks one input, and aborts where something does not hold that must: libFuzzer then keeps the input.
@_cdecl("LLVMFuzzerTestOneInput") public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do throws(BrokenInvariant) {
        try target.check(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        complain("broken: \(target.name): \(error)")
        abort()
    }
    return 0
}

private func complain(_ text: String) {
    let line = "simpul-fuzz: \(text)\n"
    _ = write(STDERR_FILENO, line, line.utf8.count)
}
