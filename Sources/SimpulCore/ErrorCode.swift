/// Every code that the broker answers with; docs/errors.md lists them for people. The raw value stands on the wire.
public enum ErrorCode: String, Hashable, Sendable, CaseIterable {
    case notJOSE = "not-jose"
    case parameterRefused = "parameter-refused"
    case algorithmRefused = "algorithm-refused"
    case inflateFailed = "inflate-failed"
    case jsonInvalid = "json-invalid"
    case agencyInactive = "agency-inactive"
    case signerUnknown = "signer-unknown"
    case signatureInvalid = "signature-invalid"
    case senderMismatch = "sender-mismatch"
    case policyDenied = "policy-denied"
    case roleDenied = "role-denied"
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case idConflict = "id-conflict"
    case leaseExpired = "lease-expired"
    case deliveryState = "delivery-state"
    case tooLarge = "too-large"
    case mediaType = "media-type"
    case schemaUnknown = "schema-unknown"
    case schemaInvalid = "schema-invalid"
    case timeInvalid = "time-invalid"
    case wrongHub = "wrong-hub"
    case recipientUnknown = "recipient-unknown"
    case mustBeSealed = "must-be-sealed"
    case sealRecipients = "seal-recipients"
    case attachmentMissing = "attachment-missing"
    case digestMismatch = "digest-mismatch"
    case offsetMismatch = "offset-mismatch"
    case rangeUnsatisfiable = "range-unsatisfiable"
    case lifecycle
    case consent
    case rule
    case bundleInvalid = "bundle-invalid"
    case bundleIncomplete = "bundle-incomplete"
    case bundleForeign = "bundle-foreign"
    case bundleSeal = "bundle-seal"
    case courierKey = "courier-key"
    case quota
    case draining = "draining"
    case storageUnavailable = "storage-unavailable"
    case internalError = "internal-error"

    /// The HTTP status that goes with the code (RFC 9110).
    public var status: Int {
        switch self {
        case .notJOSE, .parameterRefused, .algorithmRefused, .inflateFailed, .jsonInvalid, .bundleInvalid,
            .bundleIncomplete:
            400
        case .agencyInactive: 401
        case .signerUnknown, .signatureInvalid, .senderMismatch, .policyDenied, .roleDenied: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .idConflict, .leaseExpired, .deliveryState, .offsetMismatch: 409
        case .tooLarge: 413
        case .mediaType: 415
        case .rangeUnsatisfiable: 416
        case .schemaUnknown, .schemaInvalid, .timeInvalid, .wrongHub, .recipientUnknown, .mustBeSealed,
            .sealRecipients, .attachmentMissing, .digestMismatch, .lifecycle, .consent, .rule, .bundleForeign,
            .bundleSeal, .courierKey:
            422
        case .quota: 429
        case .internalError: 500
        case .draining, .storageUnavailable: 503
        }
    }

    /// Whether the same request may succeed later without a change.
    public var isTemporary: Bool { status >= 500 || self == .quota }

    /// A short name of the problem, the same for every occurrence (RFC 9457 `title`).
    public var title: LocalizedText {
        switch self {
        case .notJOSE: LocalizedText("The request is no compact JWS", "Permintaan bukan JWS ringkas")
        case .parameterRefused: LocalizedText("A parameter is refused", "Parameter ditolak")
        case .algorithmRefused: LocalizedText("The algorithm is refused", "Algoritme ditolak")
        case .inflateFailed: LocalizedText("The payload does not inflate", "Muatan tidak dapat didekompresi")
        case .jsonInvalid: LocalizedText("The document is not strict JSON", "Dokumen bukan JSON yang ketat")
        case .agencyInactive: LocalizedText("No active agency", "Instansi tidak aktif")
        case .signerUnknown: LocalizedText("The signer is not known", "Penanda tangan tidak dikenal")
        case .signatureInvalid: LocalizedText("The signature does not verify", "Tanda tangan tidak sah")
        case .senderMismatch: LocalizedText("The sender is somebody else", "Pengirim tidak cocok")
        case .policyDenied: LocalizedText("No rule allows this message", "Tidak ada aturan yang mengizinkan pesan ini")
        case .roleDenied: LocalizedText("Your role may not do this", "Peran Anda tidak mengizinkan ini")
        case .notFound: LocalizedText("Not found", "Tidak ditemukan")
        case .methodNotAllowed: LocalizedText("The method is not allowed here", "Metode tidak diizinkan di sini")
        case .idConflict: LocalizedText("The id is taken by another content", "ID sudah dipakai untuk isi lain")
        case .leaseExpired: LocalizedText("The lease is over", "Masa sewa sudah berakhir")
        case .deliveryState:
            LocalizedText(
                "The delivery does not stand where this can be done", "Keadaan kiriman tidak memungkinkan ini")
        case .tooLarge: LocalizedText("Too large", "Terlalu besar")
        case .mediaType: LocalizedText("The media type is not accepted", "Jenis media tidak diterima")
        case .schemaUnknown: LocalizedText("The schema is not known", "Skema tidak dikenal")
        case .schemaInvalid: LocalizedText("The message breaks its schema", "Pesan melanggar skemanya")
        case .timeInvalid: LocalizedText("A time is out of bounds", "Waktu di luar batas")
        case .wrongHub: LocalizedText("The message is for another broker", "Pesan ditujukan ke simpul lain")
        case .recipientUnknown: LocalizedText("A recipient is not known", "Penerima tidak dikenal")
        case .mustBeSealed: LocalizedText("The body must be sealed", "Isi pesan wajib disegel")
        case .sealRecipients: LocalizedText("Sealed for the wrong parties", "Disegel untuk pihak yang keliru")
        case .attachmentMissing: LocalizedText("An attachment is missing", "Lampiran belum ada")
        case .digestMismatch: LocalizedText("The octets have another digest", "Sidik digital oktet tidak cocok")
        case .offsetMismatch:
            LocalizedText("The upload does not go on there", "Unggahan tidak berlanjut dari titik itu")
        case .rangeUnsatisfiable: LocalizedText("There are no such octets", "Rentang oktet itu tidak ada")
        case .lifecycle:
            LocalizedText(
                "The message does not fit what came before it", "Pesan tidak sesuai dengan yang mendahuluinya")
        case .consent:
            LocalizedText("No consent covers this message", "Tidak ada persetujuan yang mencakup pesan ini")
        case .rule: LocalizedText("The message breaks a rule of protection", "Pesan melanggar aturan pelindungan")
        case .bundleInvalid: LocalizedText("This is no bundle", "Ini bukan bundel kurir")
        case .bundleIncomplete:
            LocalizedText("The bundle is not whole, or not in order", "Bundel tidak utuh atau tidak berurutan")
        case .bundleForeign: LocalizedText("The bundle is for somebody else", "Bundel ditujukan kepada pihak lain")
        case .bundleSeal: LocalizedText("The bundle cannot be opened", "Bundel tidak dapat dibuka")
        case .courierKey: LocalizedText("There is no courier key", "Kunci kurir tidak ada")
        case .quota: LocalizedText("Too much at once", "Terlalu banyak sekaligus")
        case .draining: LocalizedText("The broker is stopping", "Simpul sedang berhenti")
        case .storageUnavailable: LocalizedText("The store cannot write", "Penyimpanan tidak dapat menulis")
        case .internalError: LocalizedText("Internal error", "Kesalahan internal")
        }
    }
}

/// The same sentence in the two languages of the network.
public struct LocalizedText: Hashable, Sendable {
    /// English.
    public var english: String
    /// Indonesian.
    public var indonesian: String

    /// A sentence in English and in Indonesian.
    public init(_ english: String, _ indonesian: String) {
        self.english = english
        self.indonesian = indonesian
    }

    /// The sentence in that language.
    public subscript(_ language: Language) -> String {
        language == .indonesian ? indonesian : english
    }
}

/// The two languages of screens and problem documents; the raw value is the primary tag of RFC 5646.
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case indonesian = "id"

    /// The better of the two languages for an `Accept-Language` field (RFC 9110 §12.5.4); English where neither fits.
    public init(acceptLanguage: String?) {
        var best: (language: Language, weight: Double) = (.english, 0)
        for range in (acceptLanguage ?? "").split(separator: ",").prefix(16) {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = parts.first?.prefix(while: { $0 != "-" }), let language = Language(rawValue: String(tag))
            else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if weight > best.weight { best = (language, weight) }
        }
        self = best.language
    }
}
