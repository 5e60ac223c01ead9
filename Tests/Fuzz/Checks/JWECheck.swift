import JOSE
import StrictJSON

extension FuzzTarget {
    /// JWE in JSON and compact serialization (RFC 7516) under both profiles, opened with a fixed key of each kind; what
    /// is none is sealed and opened as plaintext instead. Held true:
    /// * there is a recipient, each name once, and no more than the limit;
    /// * what opens is as long as the message says; a stranger's name and another kind of key do not open;
    /// * what is sealed opens to itself, and not once its tag is another;
    /// * OpenSSL's error queue is empty afterwards.
    static let jwe = FuzzTarget(name: "jwe") { bytes throws(BrokenInvariant) in
        try withCleanQueue { () throws(BrokenInvariant) in
            let narrow = read(bytes, .narrow)
            let standard = read(bytes, .standard)
            try hold(narrow == nil || standard != nil, "what the narrow profile takes the standard one takes")
            for message in [narrow, standard].compactMap(\.self) {
                try checkRecipients(of: message)
                try checkOpening(message)
            }
            if bytes.first != UInt8(ascii: "{"), standard == nil { try checkSealing(bytes) }
        }
    }
}

private func read(_ bytes: [UInt8], _ profile: JWEProfile) -> JWE? {
    guard bytes.first == UInt8(ascii: "{") else { return try? JWE(parsingCompact: bytes, profile: profile) }
    guard let document = try? JSONDocument(bytes, limits: JSONLimits(depth: 16)) else { return nil }
    return try? JWE(parsing: document.root, profile: profile, recipientLimit: 8)
}

private func checkRecipients(of message: JWE) throws(BrokenInvariant) {
    try hold((1...8).contains(message.recipients.count), "there are recipients, but not more than the limit")
    let names = message.recipients.compactMap(\.kid)
    try hold(Set(names.map { Array($0.utf8) }).count == names.count, "each recipient is named once")
}

private func checkOpening(_ message: JWE) throws(BrokenInvariant) {
    for key in FixedKeys.all {
        let stranger = fault { () throws(JWEError) in try message.open(with: key, kid: "a name with spaces") }
        try hold(stranger == .noSuchRecipient, "a stranger is no recipient")
        for recipient in message.recipients {
            let refusal = fault { () throws(JWEError) in
                let plaintext = try open(message, with: key, as: recipient)
                guard plaintext.count == message.contentLength else { throw .malformed(.ciphertext) }
            }
            // A recipient without a name among several cannot be meant.
            if refusal == .ambiguousRecipient {
                try hold(recipient.kid == nil && message.recipients.count > 1, "one recipient is not ambiguous")
            } else if KeyManagement(for: key.publicKey.kind) != recipient.algorithm {
                try hold(refusal == .keyMismatch, "another kind of key does not open")
            } else {
                try hold(refusal == nil || refusal == .decryptionFailed, "what opens is as long as the message says")
            }
        }
    }
}

private func open(
    _ message: JWE, with key: PrivateKey, as recipient: JWE.Recipient
) throws(JWEError) -> [UInt8] {
    if let kid = recipient.kid { return try message.open(with: key, kid: kid) }
    return try message.open(with: key)
}

private func fault<Value>(_ body: () throws(JWEError) -> Value) -> JWEError? {
    do throws(JWEError) {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

private func checkSealing(_ plaintext: [UInt8]) throws(BrokenInvariant) {
    let key = FixedKeys.p256
    guard let sealed = try? JWE.seal(plaintext, to: [(key.publicKey, "one")]),
        let document = try? JSONDocument(sealed.bytes), let message = try? JWE(parsing: document.root)
    else { throw BrokenInvariant(description: "what is sealed parses") }
    let opened = try? message.open(with: key, kid: "one")
    try hold(opened == plaintext, "what is sealed opens to itself")
    let compact = (try? JWE.sealCompact(plaintext, to: key.publicKey)).flatMap { read($0, .standard) }
    try hold((try? compact?.open(with: key)) == plaintext, "what is sealed compactly opens to itself")
    var changed = sealed
    changed["tag"] = .string(Base64URL.encode([UInt8](repeating: 0, count: 16)))
    guard let document = try? JSONDocument(changed.bytes), let message = try? JWE(parsing: document.root) else {
        throw BrokenInvariant(description: "a message with another tag still parses")
    }
    try hold((try? message.open(with: key, kid: "one")) == nil, "a message with another tag does not open")
}
