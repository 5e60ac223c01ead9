import JOSE

extension FuzzTarget {
    /// Raw DEFLATE (RFC 1951); the input's first octet is the limit, in steps of 257 octets, the rest a stream. Held
    /// true:
    /// * nothing beyond the limit comes out, nothing beyond the input is consumed;
    /// * a stream that ends before its octets do is refused where it has to fill them, and without its last octet too;
    /// * what came out deflates and inflates to itself within exactly its size, and not within less.
    static let inflate = FuzzTarget(name: "inflate") { input throws(BrokenInvariant) in
        guard let first = input.first else { return }
        let limit = Int(first) * 257
        let stream = input.dropFirst()
        try checkRoundTrip(input)
        let output: [UInt8]
        let consumed: Int
        do throws(DeflateError) {
            (output, consumed) = try Deflate.inflatePrefix(stream, limit: limit)
        } catch {
            return try hold(inflated(stream, limit) == .failure(error), "both ways to inflate fail alike")
        }
        try checkOutput(output, consumed, of: stream, limit: limit)
    }
}

private func inflated(_ stream: ArraySlice<UInt8>, _ limit: Int) -> Result<[UInt8], DeflateError> {
    do throws(DeflateError) {
        return .success(try Deflate.inflate(stream, limit: limit))
    } catch {
        return .failure(error)
    }
}

private func checkOutput(
    _ output: [UInt8], _ consumed: Int, of stream: ArraySlice<UInt8>, limit: Int
) throws(BrokenInvariant) {
    try hold(output.count <= limit, "no more comes out than the limit")
    try hold((1...max(1, stream.count)).contains(consumed), "no more is consumed than is there")
    let whole = inflated(stream, limit)
    let expected: Result<[UInt8], DeflateError> =
        consumed == stream.count ? .success(output) : .failure(.trailingBytes)
    try hold(whole == expected, "a stream ends where its octets end")
    try hold(inflated(stream.prefix(consumed), limit) == .success(output), "a stream needs nothing behind it")
    let cut = inflated(stream.prefix(consumed - 1), limit)
    try hold(cut == .failure(.truncated), "a stream needs its last octet")
    try checkRoundTrip(output)
}

private func checkRoundTrip(_ bytes: [UInt8]) throws(BrokenInvariant) {
    let stream = Deflate.deflate(bytes)[...]
    try hold(inflated(stream, bytes.count) == .success(bytes), "what is deflated inflates to itself")
    guard !bytes.isEmpty else { return }
    try hold(inflated(stream, bytes.count - 1) == .failure(.tooLarge), "one octet less is too few")
}
