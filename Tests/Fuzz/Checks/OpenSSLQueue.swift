import COpenSSL

/// Runs one use of the JOSE module, and holds that it left OpenSSL's error queue of this thread empty: what stays there
/// would be taken for the next operation's fault.
func withCleanQueue(_ use: () throws(BrokenInvariant) -> Void) throws(BrokenInvariant) {
    try use()
    let isEmpty = ERR_peek_error() == 0
    ERR_clear_error()
    try hold(isEmpty, "OpenSSL's error queue is empty")
}
