public import SimpulCore
internal import StrictJSON

/// What every line of a courier bundle says openly: the finder of a stick learns no more.
public struct BundleHead: Hashable, Sendable {
    /// The bundle, a UUIDv7.
    public var id: MessageID
    /// Who exported it.
    public var from: AgencyID
    /// Who is to import it.
    public var recipient: AgencyID
    /// When it was begun.
    public var at: Timestamp

    /// A head.
    public init(id: MessageID, from: AgencyID, recipient: AgencyID, at: Timestamp) {
        (self.id, self.from, self.recipient, self.at) = (id, from, recipient, at)
    }

    var members: [JSON.Member] {
        [
            .init("v", 1), .init("bundle", .string(id.description)), .init("from", .string(from.description)),
            .init("for", .string(recipient.description)), .init("at", .string(at.description)),
        ]
    }

    init?(_ value: JSONValue) {
        guard value["v"]?.int == 1, let id = value["bundle"]?.string.flatMap(MessageID.init),
            let from = value["from"]?.string.flatMap(AgencyID.init),
            let recipient = value["for"]?.string.flatMap(AgencyID.init),
            let at = value["at"]?.string.flatMap(Timestamp.init)
        else { return nil }
        self.init(id: id, from: from, recipient: recipient, at: at)
    }

    /// Refuses a bundle that is not for that party, is from another than the one that it may be from, or is too old.
    /// - Parameter sender: who alone may have exported it; nil for anybody.
    /// - Throws: `bundle-foreign`, `time-invalid`.
    public func require(
        for party: AgencyID, from sender: AgencyID? = nil, at now: Timestamp, limits: Limits
    ) throws(Refusal) {
        guard recipient == party, sender == nil || from == sender else { throw .bundleForeign }
        let oldest = now.advanced(bySeconds: -limits.bundleAgeSeconds)
        guard oldest <= at, at <= now.advanced(bySeconds: limits.bundleAheadSeconds) else {
            throw Refusal(
                .timeInvalid, at: .verify,
                LocalizedText(
                    "The bundle was made more than \(limits.bundleAgeSeconds / 86400) days ago, or in the future. Set the clock of this machine, or export again.",
                    "Bundel dibuat lebih dari \(limits.bundleAgeSeconds / 86400) hari yang lalu, atau di masa depan. Atur jam mesin ini, atau ekspor ulang."
                ))
        }
    }
}

extension Refusal {
    static let bundleForeign = Refusal(
        .bundleForeign, at: .verify,
        LocalizedText(
            "The bundle is from or for another agency or another broker. Import it where it is for.",
            "Bundel berasal dari atau ditujukan kepada instansi atau simpul lain. Impor di tempat tujuannya."))

    static func bundleInvalid(_ diagnosis: String) -> Refusal {
        Refusal(
            .bundleInvalid, at: .receive,
            LocalizedText(
                "The file is no courier bundle of version 1. Check that it is the right file, and export it again.",
                "Berkas bukan bundel kurir versi 1. Periksa berkasnya, lalu ekspor ulang."),
            diagnosis: diagnosis)
    }

    /// Lines are missing, twice there, or in another order than they were written in.
    static func bundleIncomplete(_ diagnosis: String) -> Refusal {
        Refusal(
            .bundleIncomplete, at: .receive,
            LocalizedText(
                "Lines of the bundle are missing, repeated or mixed with others. Copy the file again, or export it again.",
                "Ada baris bundel yang hilang, berulang, atau tercampur. Salin ulang berkasnya, atau ekspor ulang."),
            diagnosis: diagnosis)
    }

    /// The bundle has more than a reader takes.
    public static let bundleTooLarge = Refusal(
        .tooLarge, at: .receive,
        LocalizedText(
            "The bundle has more lines, items or octets than are taken. Export it again with this version.",
            "Jumlah baris, butir, atau oktet bundel melebihi batas. Ekspor ulang dengan versi ini."))

    static let bundleSeal = Refusal(
        .bundleSeal, at: .verify,
        LocalizedText(
            "The bundle is not sealed for a key that is here, or was changed. Export it again.",
            "Bundel tidak disegel untuk kunci yang ada di sini, atau telah diubah. Ekspor ulang."))
}
