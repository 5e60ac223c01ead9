public import SimpulCore
public import SimpulEnvelope
internal import StrictJSON

/// Checks whole messages against the schemas and the rules of protection, offline.
public struct DocumentCheck: Sendable {
    private let catalogue: SchemaCatalogue
    private let limits: Limits
    private let guide: SchemaGuide

    /// A check with those schemas.
    public init(catalogue: SchemaCatalogue, limits: Limits = Limits()) {
        self.catalogue = catalogue
        self.limits = limits
        guide = SchemaGuide()
    }

    /// Every fault of a message `{"header":…,"body":…}`, whose body may be sealed; none where it is valid. Times are not
    /// compared with a clock, and what agencies are is not known here.
    public func faults(in bytes: [UInt8]) -> [DocumentFault] {
        let document: EnvelopeDocument
        do {
            document = try EnvelopeDocument(parsing: bytes, limits: limits)
        } catch {
            return Self.faults(of: error, at: "")
        }
        var faults: [DocumentFault] = []
        do {
            let found = try guide.faults(inHeader: document.header, by: catalogue)
            faults += found.faults
            if let header = found.header {
                faults += ProtectionRules.faults(
                    header: header, document.header, body: document.isSealed ? nil : document.body,
                    roles: { _ in nil })
            }
        } catch {
            faults += Self.faults(of: error, at: "/header/schema")
        }
        guard let type = document.header["type"]?.string.flatMap(MessageType.init) else { return faults }
        guard !document.isSealed else { return faults + sealFaults(of: document) }
        faults += guide.faults(inBody: document.body, of: type, by: catalogue)
        if let declared = document.header["privacy"]?.string.flatMap(PrivacyClass.init),
            declared < catalogue.privacyClass(ofBody: document.body, type: type)
        {
            faults.append(.classTooLow)
        }
        return faults
    }

    /// Checks a file (`-` is the standard input); one whose name ends in `.jsonc` may have comments. What is no JSON at
    /// all is ``CheckedFile/Verdict/unable``, and every other fault ``CheckedFile/Verdict/invalid``.
    public func check(_ file: String) -> CheckedFile {
        let source: DraftSource
        do {
            source = try DraftSource(file: file, limit: limits.documentBytes)
        } catch {
            return CheckedFile(file, unable: error)
        }
        if let found = source.jsonFault { return CheckedFile(file, .unable, [found]) }
        let faults = faults(in: source.bytes)
        return CheckedFile(
            file, faults.isEmpty ? .valid : .invalid, source.found(faults, guide: guide))
    }

    private func sealFaults(of document: EnvelopeDocument) -> [DocumentFault] {
        do {
            _ = try SealedBody(parsing: document.body, limits: limits)
            return []
        } catch {
            return Self.faults(of: error, at: "/body")
        }
    }

    private static func faults(of refusal: Refusal, at pointer: String) -> [DocumentFault] {
        guard refusal.faults.isEmpty else { return refusal.faults }
        return [DocumentFault(pointer: pointer, keyword: refusal.code.rawValue, detail: refusal.detail)]
    }
}

extension DocumentFault {
    static let classTooLow = DocumentFault(
        pointer: "/header/privacy", keyword: "x-privacy",
        detail: LocalizedText(
            "The class is lower than that of a field in the body; raise it or leave it out.",
            "Kelas lebih rendah daripada kelas salah satu bidang dalam isi; naikkan atau hapus."))
}
