internal import JOSE

/// The name of one request: 128 random bits in hexadecimal. It says nothing about the request.
enum Trace {
    static func fresh() -> String {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = SecureRandom.bytes(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
