internal import JOSE
internal import SimpulEnvelope
internal import StrictYAML

extension YAMLNode {
    /// Reads the certificates of the PEM file that is named here, the first one first.
    func certificateFile() -> [Certificate]? {
        guard let text = fileText(isSecret: false) else { return nil }
        do {
            return try Certificate.chain(pem: text)
        } catch {
            fault("this file: \(error.rawValue)")
            return nil
        }
    }

    /// Reads the private key of the PEM file that is named here, of a kind that the protocol takes. Only its owner and
    /// group may have a right to it.
    func keyFile() -> PrivateKey? {
        guard let text = fileText(isSecret: true) else { return nil }
        do {
            return try SignatureProfile.privateKey(pem: text)
        } catch {
            fault("this file: \(error.rawValue)")
            return nil
        }
    }

    /// Reads the revocation list of the PEM file that is named here.
    func revocationFile() -> RevocationList? {
        guard let text = fileText(isSecret: false, atMost: 64 * 1024 * 1024) else { return nil }
        do {
            return try RevocationList(pem: text)
        } catch {
            fault("this file: \(error.rawValue)")
            return nil
        }
    }

    private func fileText(isSecret: Bool, atMost limit: Int = 256 * 1024) -> String? {
        guard let path = path() else { return nil }
        do {
            return String(decoding: try BoundedFile.read(path, atMost: limit, isSecret: isSecret), as: UTF8.self)
        } catch {
            fault("this file: \(error.rawValue)")
            return nil
        }
    }
}
