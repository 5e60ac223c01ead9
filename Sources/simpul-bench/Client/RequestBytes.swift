import NIOCore

/// Requests as octets, made before the measurement so that sending one is writing a buffer.
enum RequestBytes {
    /// `POST /v1/messages` with one envelope, or with several, one a line.
    static func submission(of envelopes: ArraySlice<SignedMessage>) -> ByteBuffer {
        let length = envelopes.reduce(envelopes.count - 1) { $0 + $1.envelope.count }
        let type = envelopes.count == 1 ? "application/jose" : "application/jose-lines"
        let head =
            "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: \(type)\r\n"
            + "Content-Length: \(length)\r\n\r\n"
        var buffer = ByteBufferAllocator().buffer(capacity: head.utf8.count + length)
        buffer.writeString(head)
        for (index, message) in envelopes.enumerated() {
            if index > 0 { buffer.writeInteger(UInt8(ascii: "\n")) }
            buffer.writeBytes(message.envelope)
        }
        return buffer
    }

    /// `GET /v1/inbox`.
    static func inbox(wait: Int, max: Int, lease: Int) -> ByteBuffer {
        ByteBuffer(string: "GET /v1/inbox?wait=\(wait)&max=\(max)&lease=\(lease) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    }

    /// `GET /v1/inbox/stream`.
    static func stream(max: Int, lease: Int) -> ByteBuffer {
        ByteBuffer(string: "GET /v1/inbox/stream?max=\(max)&lease=\(lease) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    }

    /// `POST /v1/deliveries/{token}/ack` without a body.
    static func acknowledgement(of token: ByteBuffer) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 128)
        buffer.writeStaticString("POST /v1/deliveries/")
        buffer.writeImmutableBuffer(token)
        buffer.writeStaticString("/ack HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n")
        return buffer
    }
}
