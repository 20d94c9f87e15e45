import HostileInput

#if canImport(Glibc)
    import Glibc
#endif

/// The reader that DISTILL_FUZZ_READER names.
private let reader: ForeignReader = {
    let name = getenv("DISTILL_FUZZ_READER").map { String(cString: $0) } ?? ""
    guard let reader = ForeignReader.named(name) else {
        for reader in ForeignReader.all { print(reader.name) }
        fflush(nil)
        exit(2)
    }
    return reader
}()

/// What libFuzzer calls with each input (https://llvm.org/docs/LibFuzzer.html, "Fuzz Target").
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    reader.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
