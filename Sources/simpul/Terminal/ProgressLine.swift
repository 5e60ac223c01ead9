import Glibc
import SimpulClient

extension Terminal {
    /// A line on the standard error that tells how far a transfer is; nobody is told where that is no terminal.
    func progress(isQuiet: Bool) -> TransferProgress {
        guard !isQuiet, !isJSON, isatty(2) == 1 else { return .silent }
        return TransferProgress { octets, whole in
            let percent = whole > 0 ? octets * 100 / whole : 100
            let bar = String(repeating: "#", count: percent / 4) + String(repeating: ".", count: 25 - percent / 4)
            Terminal.write("\r[\(bar)] \(percent) %  \(octets >> 20) / \(whole >> 20) MiB ", to: 2)
        } done: {
            Terminal.write("\r\u{1B}[K", to: 2)
        }
    }
}
