internal import SimpulCore
internal import StrictJSON

/// an agency does not judge its own case.
enum ConflictOfInterest {
    /// What implicates an agency goes to the task force and to auditors, and to nobody else.
    static func implicatedGoesToOversight(_ subject: RuleSubject, _ roles: RoleLookup, _ faults: inout RuleFaults) {
        let header = subject.header
        guard header.implicatesAgency else { return }
        for (member, agencies) in [("recipients", header.recipients), ("fallback", header.fallback)] {
            for (index, agency) in agencies.enumerated() {
                guard let known = roles(agency) else { continue }
                guard !known.contains(where: { $0.description == "TF" || $0.description == "AUDIT" }) else { continue }
                faults.add(
                    "/header/\(member)/\(index)", "An agency is implicated: this goes to roles TF and AUDIT alone.",
                    "Suatu instansi terlibat: pesan ini hanya untuk peran TF dan AUDIT.")
            }
        }
    }

    /// An agency that the body implicates is no party, and the header says that one is implicated. A complaint does not
    /// go to the agency alone that it is about.
    static func implicatedIsNoParty(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        let header = subject.header
        if header.type == .feedback { return complaint(header, body, &faults) }
        guard let implicated = body["implicates"], implicated.count > 0 else { return }
        if !header.implicatesAgency {
            faults.add(
                "/header/agencyImplicated", "The body implicates an agency; the header has to say so.",
                "Isi pesan menyebut instansi yang terlibat; header harus menyatakannya.")
        }
        for (member, agencies) in [("recipients", header.recipients), ("fallback", header.fallback)] {
            for (index, agency) in agencies.enumerated() where implicated.holds(agency.description) {
                faults.add(
                    "/header/\(member)/\(index)", "The body implicates this agency; it must not get the message.",
                    "Isi pesan menyebut instansi ini terlibat; ia tidak boleh menerimanya.")
            }
        }
    }

    private static func complaint(_ header: Header, _ body: JSONValue, _ faults: inout RuleFaults) {
        guard body["scope"]?.isString("complaint") == true, let about = body["about"],
            header.recipients.allSatisfy({ about.isString($0.description) })
        else { return }
        faults.add(
            "/header/recipients", "A complaint does not go to the agency alone that it is about.",
            "Pengaduan tidak hanya dikirim ke instansi yang diadukan.")
    }
}
