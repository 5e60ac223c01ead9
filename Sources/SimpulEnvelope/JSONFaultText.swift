public import SimpulCore
public import StrictJSON

/// Why a text is no strict JSON, in both languages; what the text says never stands in it.
public enum JSONFaultText {
    /// The fault as the end of a sentence.
    public static func text(for code: JSONError.Code) -> LocalizedText {
        LocalizedText(code.rawValue, indonesian(code))
    }

    private static func indonesian(_ code: JSONError.Code) -> String {
        switch code {
        case .empty: "teksnya kosong"
        case .tooLarge: "teksnya terlalu besar"
        case .byteOrderMark: "teks diawali tanda urutan bita (BOM)"
        case .unexpectedByte:
            "ada karakter yang tidak boleh berada di sini, misalnya koma atau kurung yang salah tempat"
        case .unexpectedEnd: "teks berakhir sebelum nilainya lengkap"
        case .trailingText: "ada teks setelah nilai berakhir"
        case .invalidUTF8: "teks bukan UTF-8"
        case .controlCharacter: "ada karakter kendali di dalam tanda kutip, misalnya ganti baris"
        case .invalidEscape: "ada urutan garis miring terbalik yang tidak dikenal"
        case .loneSurrogate: "ada separuh pasangan surogat yang berdiri sendiri"
        case .invalidNumber: "angka ditulis dengan cara yang tidak dikenal"
        case .numberOutOfRange: "angka terlalu besar"
        case .duplicateName: "nama yang sama ada dua kali dalam satu objek"
        case .tooDeep: "susunan terlalu dalam"
        }
    }
}

extension LocalizedText {
    /// The text as a sentence of its own.
    public var sentence: LocalizedText {
        func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }
        return LocalizedText(sentence(english), sentence(indonesian))
    }
}
