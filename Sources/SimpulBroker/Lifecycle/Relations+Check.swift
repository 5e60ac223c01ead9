public import SimpulCore

extension Relations {
    /// Judges a header by what is known: who may answer, replace or cancel what, and which state may follow. Intake
    /// asks before the policy does, and a store once more in the transaction that it writes in, because two messages
    /// may have passed intake side by side.
    /// - Returns: the step that the message takes; nil where it takes none.
    /// - Throws: `lifecycle`. A message that is not known and one of others look the same.
    public func check(_ header: Header) throws(Refusal) -> LifecycleStep? {
        do throws(Breach) {
            try requireParty(header)
            try requireOwn(header)
            try requireReplaced(header)
            return try step(header)
        } catch {
            throw error.refusal(of: header)
        }
    }

    private func requireParty(_ header: Header) throws(Breach) {
        guard header.inReplyTo != nil, answered.isEmpty else { return }
        throw .unknown("/header/inReplyTo")
    }

    /// What is cancelled, amended, withdrawn or recalled is the sender's own.
    private func requireOwn(_ header: Header) throws(Breach) {
        guard header.isCancel || header.type.isCorrection && header.position == nil else { return }
        if header.inReplyTo != nil {
            guard answered.contains(where: { $0.key.sender == header.sender }) else {
                throw .notOwn(["/header/inReplyTo"])
            }
        } else if header.supersedes.isEmpty {
            throw .namesNothing
        }
    }

    private func requireReplaced(_ header: Header) throws(Breach) {
        let others = header.supersedes.indices.filter { !replaced.contains(header.supersedes[$0]) }
        guard others.isEmpty else { throw .notOwn(others.map { "/header/supersedes/\($0)" }) }
    }

    private func step(_ header: Header) throws(Breach) -> LifecycleStep? {
        guard let lifecycle = header.type.lifecycle, let position = header.position else { return nil }
        var (known, answering) = (self.position, MessageKey?.none)
        if case .answer(let types) = lifecycle.subject {
            let question = try question(of: header, among: types)
            (known, answering) = (question.position, question.key)
        }
        switch lifecycle.judge(position, previous: header.previous, after: known) {
        case .allowed: return LifecycleStep(header, answering: answering)
        case .notFromThere(let allowed): throw .step("/header/previous", allowed)
        case .notAllowed(let allowed): throw .step(header.type == .return ? "/header/step" : "/header/state", allowed)
        }
    }

    /// The message that an answer answers: one that its sender has received, from the first of the answer's recipients
    /// that has sent one.
    private func question(of header: Header, among types: [MessageType]) throws(Breach) -> Related {
        let received = answered.filter(\.isReceived)
        guard !received.isEmpty else { throw .notReceived }
        let fitting = received.filter { types.contains($0.type) && !$0.hasState }
        guard !fitting.isEmpty else { throw .notAsked(types) }
        for recipient in header.recipients {
            if let question = fitting.first(where: { $0.key.sender == recipient }) { return question }
        }
        throw .notBack
    }
}

/// Which rule a header breaks.
private enum Breach: Error {
    case unknown(String)
    case notOwn([String])
    case namesNothing
    case notReceived
    case notAsked([MessageType])
    case notBack
    case step(String, [LifecycleState])

    func refusal(of header: Header) -> Refusal {
        let text = text
        return Refusal(
            .lifecycle, at: .validate, text, diagnosis: "\(header.type.rawValue): \(text.english)",
            faults: pointers.map { DocumentFault(pointer: $0, keyword: keyword, detail: text) }, message: header.id)
    }

    private var pointers: [String] {
        switch self {
        case .unknown(let pointer), .step(let pointer, _): [pointer]
        case .notOwn(let pointers): pointers
        case .namesNothing: ["/header/kind"]
        case .notReceived, .notAsked: ["/header/inReplyTo"]
        case .notBack: ["/header/recipients"]
        }
    }

    private var keyword: String { if case .step = self { "lifecycle" } else { "relation" } }

    private var text: LocalizedText {
        switch self {
        case .unknown:
            LocalizedText(
                "This is no message that your agency has sent or received here.",
                "Ini bukan pesan yang pernah dikirim atau diterima instansi Anda di sini.")
        case .notOwn:
            LocalizedText(
                "Only the agency that sent a message may replace, cancel, amend, withdraw or recall it.",
                "Hanya instansi pengirim yang boleh mengganti, membatalkan, mengubah, atau menarik kembali suatu pesan."
            )
        case .namesNothing:
            LocalizedText(
                "A message of kind Cancel names what it cancels in inReplyTo or supersedes.",
                "Pesan dengan kind Cancel menyebut yang dibatalkan dalam inReplyTo atau supersedes.")
        case .notReceived:
            LocalizedText(
                "Only a recipient of a message may say this about it.",
                "Hanya penerima suatu pesan yang boleh menyatakan ini tentangnya.")
        case .notAsked(let types):
            LocalizedText(
                "This type answers another one: \(Self.list(types.map(\.rawValue))), and no answer to it.",
                "Jenis ini menjawab jenis lain: \(Self.list(types.map(\.rawValue))), bukan jawabannya.")
        case .notBack:
            LocalizedText(
                "An answer goes to the sender of the message that it answers.",
                "Jawaban harus ditujukan kepada pengirim pesan yang dijawab.")
        case .step(_, let allowed) where allowed.isEmpty:
            LocalizedText(
                "This has come to its end: no state may follow. Begin a new thread.",
                "Ini sudah berakhir: tidak ada keadaan lanjutan. Mulai utas baru.")
        case .step(_, let allowed):
            LocalizedText(
                "This step does not follow what was accepted last. Allowed now: \(Self.list(allowed.map(\.rawValue))).",
                "Langkah ini bukan lanjutan yang terakhir diterima. Yang boleh: \(Self.list(allowed.map(\.rawValue)))."
            )
        }
    }

    private static func list(_ codes: [String]) -> String { codes.joined(separator: ", ") }
}
