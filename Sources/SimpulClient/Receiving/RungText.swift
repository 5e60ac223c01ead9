public import SimpulCore

/// What a rung of a clock says, in a sentence for an officer. It holds agencies, codes and times only.
public struct RungText: Sendable {
    private let statement: ReceiptStatement

    /// The text of a receipt that was verified.
    public init(_ statement: ReceiptStatement) { self.statement = statement }

    /// One word in capitals.
    public var headline: LocalizedText {
        switch statement.rung {
        case .overdue: LocalizedText("OVERDUE", "TERLAMBAT")
        case .escalated: LocalizedText("ESCALATION", "ESKALASI")
        case .expired: LocalizedText("EXPIRED", "HABIS WAKTU")
        case .bounced: LocalizedText("RETURNED", "DIKEMBALIKAN")
        default: LocalizedText(statement.rung.rawValue.uppercased(), statement.rung.rawValue.uppercased())
        }
    }

    /// What has happened, and who has to act.
    public var sentence: LocalizedText {
        switch statement.rung {
        case .overdue: overdue
        case .escalated: escalated
        case .expired:
            LocalizedText(
                "The message's time is over, and \(agency) has not taken it.\(incident.english)",
                "Masa berlaku pesan habis dan \(agency) belum mengambilnya.\(incident.indonesian)")
        case .bounced:
            LocalizedText(
                "It went back to its sender, \(statement.sender): \(cause.english). Choose another way to reach help.",
                "Pesan dikembalikan kepada pengirim, \(statement.sender): \(cause.indonesian). Cari jalan lain.")
        default: LocalizedText("", "")
        }
    }

    private var agency: String { statement.agency?.description ?? "?" }

    private var due: String { statement.notice?.due?.description ?? "?" }

    private var overdue: LocalizedText {
        LocalizedText(
            "\(agency) \(duty.english), due \(due).\(incident.english)",
            "\(agency) \(duty.indonesian), tenggat \(due).\(incident.indonesian)")
    }

    private var incident: LocalizedText {
        guard statement.notice?.isIncident == true else { return LocalizedText("", "") }
        return LocalizedText(
            " It was urgent (L1) and nobody opened it: look into it.",
            " Pesan ini mendesak (L1) dan tidak dibuka siapa pun: periksa sebabnya.")
    }

    private var duty: LocalizedText {
        switch statement.notice?.clock {
        case .ackBy: LocalizedText("has not opened it", "belum membukanya")
        case .decideBy: LocalizedText("has not accepted or rejected it", "belum menerima atau menolaknya")
        case .serveBy: LocalizedText("has given no first service", "belum memberi layanan pertama")
        case .reviewBy: LocalizedText("has not looked at it again", "belum meninjaunya kembali")
        case .nextBy: LocalizedText("has not said how things stand", "belum memberi kabar berikutnya")
        case .expires, nil:
            LocalizedText("did not open it before its end", "tidak membukanya sampai masa berlaku habis")
        }
    }

    private var escalated: LocalizedText {
        var (english, indonesian) = ("", "")
        switch statement.notice?.cause {
        case .rejected: (english, indonesian) = ("\(agency) has rejected it.", "\(agency) menolaknya.")
        case .ending(.byOperator):
            english = "An operator has taken it from \(agency)."
            indonesian = "Operator mengalihkannya dari \(agency)."
        default:
            english = "\(agency) \(duty.english), due \(due); step \(statement.notice?.step ?? 0)."
            indonesian = "\(agency) \(duty.indonesian), tenggat \(due); langkah \(statement.notice?.step ?? 0)."
        }
        if let to = statement.notice?.to, !to.isEmpty {
            let list = to.map(\.description).joined(separator: ", ")
            english += " Called: \(list)."
            indonesian += " Dipanggil: \(list)."
        }
        if let fallback = statement.notice?.fallback?.agency {
            english += " The message goes to the fallback \(fallback)."
            indonesian += " Pesan diserahkan kepada cadangan \(fallback)."
        }
        if let status = statement.notice?.status, status != .actual {
            english += " \(status.rawValue): nobody but its parties is told."
            indonesian += " \(status.rawValue): hanya para pihaknya yang diberi tahu."
        }
        return LocalizedText(english, indonesian)
    }

    private var cause: LocalizedText {
        guard case .ending(let cause)? = statement.notice?.cause else {
            return LocalizedText("no reason given", "tanpa sebab")
        }
        switch cause {
        case .overdue:
            return LocalizedText(
                "\(agency) \(duty.english), due \(due), and nobody who was called has acted",
                "\(agency) \(duty.indonesian), tenggat \(due), dan yang dipanggil pun tidak bertindak")
        case .byOperator: return LocalizedText("an operator has decided it", "diputuskan operator")
        case .unreadable: return LocalizedText("what is stored of it cannot be read", "isi tersimpan tidak terbaca")
        case .tooManyAttempts: return LocalizedText("it was tried too often", "terlalu sering dicoba")
        case .recipientInactive:
            return LocalizedText("\(agency) takes part no more", "\(agency) tidak lagi ikut serta")
        }
    }
}
