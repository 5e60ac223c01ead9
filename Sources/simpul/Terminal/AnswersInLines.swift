import Glibc
import SimpulClient
import SimpulCore
import StrictJSON

/// A person at the terminal, or a pipe: questions on the standard error, answers from the standard input.
struct AnswersInLines: Respondent {
    /// Octets of one answer; the longest text of any schema has fewer.
    private static let limit = 32 * 1024

    func say(_ text: String) { Terminal.write(Terminal.printable(text) + "\n", to: 2) }

    func line() throws(ClientError) -> String {
        Terminal.write("> ", to: 2)
        var (octets, octet) = ([UInt8](), UInt8(0))
        while true {
            let count = read(0, &octet, 1)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            guard octet != UInt8(ascii: "\n") else { return String(decoding: octets, as: UTF8.self) }
            guard octets.count < Self.limit else { throw .answerTooLong }
            octets.append(octet)
        }
        guard !octets.isEmpty else { throw .answersEnded }
        return String(decoding: octets, as: UTF8.self)
    }
}

extension ClientError {
    fileprivate static let answerTooLong = ClientError(
        .unable, "interview",
        LocalizedText(
            "An answer is longer than any member may be; nothing was written.",
            "Ada jawaban yang lebih panjang daripada anggota mana pun; tidak ada yang ditulis."))
}

extension Terminal {
    /// Asks for a message, and says where something is still wrong with it.
    func interview(_ writer: DraftWriter, _ type: MessageType) throws(ClientError) -> JSON {
        let (document, isValid) = try writer.interview(AnswersInLines(), of: type, in: language)
        if !isValid {
            note(
                LocalizedText(
                    "Something in the draft still does not fit together: simpul validate shows where.",
                    "Masih ada yang tidak sesuai dalam konsep: simpul validate menunjukkan tempatnya."))
        }
        return document
    }
}
