import SimpulClient
import SimpulCore
import StrictJSON

/// What `simpul receive` does with news that can be believed: prints it, writes it to a folder, or hands it to a command.
struct MessageHandler {
    let terminal: Terminal
    let command: String?
    let folder: String?
    /// What `simpul ack --opened` may sign for.
    let received: ReceivedMessages
    /// What `simpul answer` may answer.
    let answerable: AnswerableMessages
    /// What fetches the attachments of a message before it counts as handled.
    var attachments: MessageAttachments?

    /// - Parameter deadline: when a command is ended by force.
    /// - Returns: whether it was handled.
    func handle(
        _ news: Receiver.News, of delivery: Delivery, until deadline: ContinuousClock.Instant
    ) async throws -> Bool {
        switch news {
        case .rung(let statement):
            try terminal.answer(json(statement, delivery), text(statement, delivery))
            return true
        case .notice(let statement):
            try terminal.answer(json(statement, delivery), noticeText(statement, delivery))
            return true
        case .recall(let statement):
            try terminal.answer(json(statement, delivery), recallText(statement, delivery))
            return true
        case .message(let message):
            // Where the text itself begins with it, it is not said twice.
            if let safe = message.safeContact, command != nil || terminal.isJSON { terminal.note(safe.warning) }
            terminal.warn(of: message)
            try received.insert(
                ReceivedMessages.Entry(token: delivery.token, key: message.header.key, digest: message.digest))
            try answerable.insert(message)
            if let folder { try write(message, to: folder) }
            guard let command else {
                // Shown at once: a large file does not hold up the text.
                try terminal.answer(json(message, delivery), text(message, delivery))
                return try await attachments?.fetch(message, until: deadline) ?? true
            }
            guard try await attachments?.fetch(message, until: deadline) ?? true else { return false }
            return try await run(command, message, until: deadline)
        }
    }

    private func run(
        _ command: String, _ message: OpenedMessage, until deadline: ContinuousClock.Instant
    ) async throws -> Bool {
        var environment = [
            "SIMPUL_ID": message.header.id.description, "SIMPUL_SENDER": message.header.sender.description,
            "SIMPUL_TYPE": message.header.type.rawValue,
        ]
        if let attachments { environment["SIMPUL_ATTACHMENTS"] = attachments.folder }
        let child = ChildProcess(
            command: command, environment: environment, outputGoesToStandardError: terminal.isJSON)
        let ending = try await child.run(input: message.document.bytes, until: deadline)
        let isHandled = ending == .exited(0)
        if !isHandled {
            terminal.note(
                LocalizedText(
                    "Message \(message.header.id) is not acknowledged: the command \(ending.text.english).",
                    "Pesan \(message.header.id) tidak diakui: perintah \(ending.text.indonesian)."))
        }
        if terminal.isJSON {
            try terminal.answer(
                [
                    "id": .string(message.header.id.description), "sender": .string(message.header.sender.description),
                    "type": .string(message.header.type.rawValue), "verified": true, "handled": .bool(isHandled),
                ], "")
        }
        return isHandled
    }

    /// Two senders may use the same id; the second one's file then names its sender too.
    private func write(_ message: OpenedMessage, to folder: String) throws {
        let bytes = Array((Pretty.json(message.document) + "\n").utf8)
        var path = "\(folder)/\(message.header.id).json"
        let limit = 8 * Limits().documentBytes
        if FileAccess.exists(path), try FileAccess.read(path, limit: limit) != bytes {
            path = "\(folder)/\(message.header.id).\(message.header.sender).json"
        }
        try FileAccess.writeDurably(bytes, to: path)
    }

    private func json(_ message: OpenedMessage, _ delivery: Delivery) -> JSON {
        .object([
            "delivery": .string(delivery.token), "id": .string(message.header.id.description),
            "sender": .string(message.header.sender.description), "type": .string(message.header.type.rawValue),
            "attempt": .integer(delivery.attempt), "verified": true,
            "safeContact": message.safeContact.map { .string($0.warning[terminal.language]) },
            "warnings": message.faults.isEmpty ? nil : .array(message.faults.map(terminal.json)),
            "document": message.document,
        ])
    }

    private func text(_ message: OpenedMessage, _ delivery: Delivery) -> String {
        let header = message.header
        let language = terminal.language
        func line(_ english: String, _ indonesian: String, _ value: String) -> String {
            "\(LocalizedText(english, indonesian)[language]): \(value)"
        }
        return [
            message.safeContact.map { $0.warning[language] },
            "\(header.type.rawValue) \(header.id)", line("from", "dari", header.sender.description),
            line("sent", "dikirim", header.sent.description),
            line("delivery", "kiriman", "\(delivery.token) (\(delivery.attempt))"),
            LocalizedText(message.wasSealed ? "sealed" : "clear", message.wasSealed ? "tersegel" : "terbuka")[language],
            Pretty.json(message.body), "",
        ].compactMap(\.self).joined(separator: "\n")
    }

    private func json(_ statement: ReceiptStatement, _ delivery: Delivery) -> JSON {
        let cause = statement.cause?.rawValue ?? statement.notice?.cause?.rawValue
        let heads: [JSON.Member?] = [
            JSON.Member("delivery", .string(delivery.token)), JSON.Member("id", .string(delivery.id.description)),
            JSON.Member("sender", .string(statement.sender.description)),
            JSON.Member("rung", .string(statement.rung.rawValue)),
            statement.agency.map { JSON.Member("agency", .string($0.description)) },
            JSON.Member("at", .string(statement.at.description)), cause.map { JSON.Member("cause", .string($0)) },
            statement.answerBy.map { JSON.Member("answerBy", .string($0.description)) },
        ]
        return .object(
            heads.compactMap(\.self) + notice(statement) + [
                JSON.Member("verified", true), JSON.Member("receipt", .string(delivery.receipt.text)),
            ])
    }

    private func notice(_ statement: ReceiptStatement) -> [JSON.Member] {
        guard let notice = statement.notice else { return [] }
        let members: [JSON.Member?] = [
            notice.type.map { JSON.Member("type", .string($0.rawValue)) },
            notice.urgency.map { JSON.Member("urgency", .string($0.rawValue)) },
            notice.status.map { JSON.Member("status", .string($0.rawValue)) },
            statement.level.map { JSON.Member("level", .string($0.name)) },
            notice.clock.map { JSON.Member("clock", .string($0.rawValue)) },
            notice.due.map { JSON.Member("due", .string($0.description)) },
            notice.step.map { JSON.Member("step", .integer($0)) },
            notice.to.isEmpty ? nil : JSON.Member("to", .array(notice.to.map { .string($0.description) })),
            notice.fallback.map { JSON.Member("fallback", .string($0.agency.description)) },
            notice.isIncident ? JSON.Member("incident", true) : nil,
        ]
        return members.compactMap(\.self)
    }

    private func text(_ statement: ReceiptStatement, _ delivery: Delivery) -> String {
        let line = "\(delivery.id): \(statement.rung.rawValue) \(statement.agency?.description ?? "") \(statement.at)"
        guard statement.notice != nil else { return line }
        return "\(line)\n  \(RungText(statement).sentence[terminal.language])"
    }

    /// What somebody must know who is late, or is called because somebody else is.
    private func noticeText(_ statement: ReceiptStatement, _ delivery: Delivery) -> String {
        let language = terminal.language
        let text = RungText(statement)
        let details = [
            statement.notice?.type?.rawValue, statement.notice?.urgency?.rawValue, statement.level?.name,
            statement.notice?.status?.rawValue,
        ].compactMap(\.self)
        return [
            "\(text.headline[language]) \(delivery.id) \(statement.at)", text.sentence[language],
            "\(LocalizedText("message", "pesan")[language]): \(details.joined(separator: ", "))",
            "\(LocalizedText("from", "dari")[language]): \(statement.sender)",
            "\(LocalizedText("delivery", "kiriman")[language]): \(delivery.token)",
        ].joined(separator: "\n")
    }

    /// What a recipient must know of a message that it has got and may not use any more.
    private func recallText(_ statement: ReceiptStatement, _ delivery: Delivery) -> String {
        let language = terminal.language
        let why =
            switch statement.cause {
            case .consentWithdrawn: LocalizedText("consent withdrawn", "persetujuan dicabut")
            case .consentExpired: LocalizedText("consent ended", "persetujuan berakhir")
            case .bySender: LocalizedText("recalled by its sender", "ditarik kembali oleh pengirim")
            case .byOperator: LocalizedText("taken back by an operator", "ditarik kembali oleh operator")
            case nil: LocalizedText("recalled", "ditarik kembali")
            }
        let what = LocalizedText(
            "RECALLED \(delivery.id) (\(why.english)): stop using it",
            "DITARIK \(delivery.id) (\(why.indonesian)): jangan dipakai lagi")
        let deadline = statement.answerBy.map {
            LocalizedText("answer by: \($0)", "jawab paling lambat: \($0)")[language]
        }
        return [
            what[language], "\(LocalizedText("from", "dari")[language]): \(statement.sender)", deadline,
            "\(LocalizedText("delivery", "kiriman")[language]): \(delivery.token)",
        ].compactMap { $0 }.joined(separator: "\n")
    }
}
