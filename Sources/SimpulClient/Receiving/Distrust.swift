public import SimpulCore

/// Why a message or a receipt is not believed. A message with one of these is handed to nobody and never acknowledged.
public enum Distrust: String, Error, Sendable, CaseIterable {
    case notAnEnvelope = "not-an-envelope"
    case signerUnknown = "signer-unknown"
    case signatureInvalid = "signature-invalid"
    case documentUnreadable = "document-unreadable"
    case senderMismatch = "sender-mismatch"
    case wrongHub = "wrong-hub"
    case notForUs = "not-for-us"
    case certificateNotValid = "certificate-not-valid"
    case brokerUnknown = "broker-unknown"
    case receiptInvalid = "receipt-invalid"
    case receiptOfAnother = "receipt-of-another"
    case deliveryMismatch = "delivery-mismatch"
    case sealedBodyInvalid = "sealed-body-invalid"
    case notSealedForUs = "not-sealed-for-us"
    case sealedBodyForeign = "sealed-body-foreign"

    /// What is wrong, and what to do next.
    public var detail: LocalizedText {
        switch self {
        case .notAnEnvelope:
            LocalizedText("This is no envelope of protocol version 1.", "Ini bukan amplop protokol versi 1.")
        case .signerUnknown:
            LocalizedText(
                "The signer is not in the known folder, and nobody there endorsed it. Ask the sender for its sign certificate.",
                "Penanda tangan tidak ada di folder known dan tidak dijamin siapa pun di sana. Minta sertifikat sign dari pengirim."
            )
        case .signatureInvalid: LocalizedText("The signature does not verify.", "Tanda tangan tidak sah.")
        case .documentUnreadable:
            LocalizedText(
                "The signed document cannot be read, or is of a type that this version does not know.",
                "Dokumen tidak dapat dibaca, atau jenisnya tidak dikenal versi ini.")
        case .senderMismatch:
            LocalizedText("Another agency than the sender signed it.", "Yang menandatangani bukan instansi pengirim.")
        case .wrongHub: LocalizedText("It is meant for another broker.", "Pesan ditujukan ke simpul lain.")
        case .notForUs:
            LocalizedText(
                "This agency is neither recipient nor fallback.", "Instansi ini bukan penerima dan bukan cadangan.")
        case .certificateNotValid:
            LocalizedText(
                "The signer's certificate was not in date.", "Sertifikat penanda tangan tidak berlaku pada saat itu.")
        case .brokerUnknown:
            LocalizedText(
                "The receipt is not signed by a known certificate of the broker. Put it into the known folder.",
                "Tanda terima tidak ditandatangani sertifikat simpul yang dikenal. Simpan sertifikatnya di folder known."
            )
        case .receiptInvalid:
            LocalizedText("The broker's receipt does not verify.", "Tanda terima simpul tidak sah.")
        case .receiptOfAnother:
            LocalizedText(
                "The broker's receipt is about another message.", "Tanda terima simpul mengenai pesan lain.")
        case .deliveryMismatch:
            LocalizedText(
                "The delivery names another id or sender than the envelope.",
                "Kiriman menyebut ID atau pengirim yang berbeda dari amplop.")
        case .sealedBodyInvalid:
            LocalizedText(
                "The sealed body is not of the protocol's form.", "Isi tersegel tidak sesuai bentuk protokol.")
        case .notSealedForUs:
            LocalizedText(
                "The body is not sealed for a key of this profile, or was changed.",
                "Isi tidak disegel untuk kunci profil ini, atau telah diubah.")
        case .sealedBodyForeign:
            LocalizedText(
                "The sealed body was made for another message, sender or id: somebody has moved it.",
                "Isi tersegel dibuat untuk pesan, pengirim, atau ID lain: ada yang memindahkannya.")
        }
    }
}
