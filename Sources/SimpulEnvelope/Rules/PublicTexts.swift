internal import SimpulCore
internal import StrictJSON

/// what leaves the network names nobody: no identity number, passport, telephone number or e-mail address.
enum PublicTexts {
    /// Of bulletins beyond the agencies, and of every body of class P0. What `reportTo` lists is meant to be public, and
    /// texts may repeat it.
    static func nameNobody(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        let header = subject.header
        guard let members = members[header.type],
            header.privacy == .p0 || header.audience.map({ $0 != .internal }) == true
        else { return }
        let contacts = (body["reportTo"].map { Array($0.elements) } ?? []).compactMap { $0["contact"]?.utf8 }
        for member in members {
            guard let value = body[member] else { continue }
            for (pointer, text) in texts(of: value, at: "/body/\(member)") {
                judge(IdentityScan(of: text, allowing: contacts), pointer, &faults)
            }
        }
    }

    /// The members with text that people write.
    private static let members: [MessageType: [String]] = [
        .bulletin: ["title", "text", "summary", "organisations", "regulations", "materials", "operational"],
        .activityReport: ["title"],
    ]

    private static func texts(of value: JSONValue, at pointer: String) -> [(String, [UInt8])] {
        if let text = value.utf8 { return [(pointer, text)] }
        return value.elements.enumerated().compactMap { index, element in
            if let text = element.utf8 { return ("\(pointer)/\(index)", text) }
            return element["title"]?.utf8.map { ("\(pointer)/\(index)/title", $0) }
        }
    }

    private static func judge(_ scan: IdentityScan, _ pointer: String, _ faults: inout RuleFaults) {
        if !scan.identityNumbers.isEmpty || scan.hasPassport {
            faults.add(
                pointer, "This reads like the number of somebody's identity document.",
                "Ini terbaca seperti nomor dokumen identitas seseorang.")
        }
        if scan.hasPhone {
            faults.add(
                pointer, "This reads like a telephone number; numbers for reports stand in reportTo.",
                "Ini terbaca seperti nomor telepon; nomor pengaduan ditulis di reportTo.")
        }
        if scan.hasEmail {
            faults.add(
                pointer, "This reads like an e-mail address; addresses for reports stand in reportTo.",
                "Ini terbaca seperti alamat surel; alamat pengaduan ditulis di reportTo.")
        }
    }
}
