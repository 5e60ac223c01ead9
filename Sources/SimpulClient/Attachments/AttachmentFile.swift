import Glibc
internal import JOSE
internal import SimpulCore
internal import SimpulEnvelope

/// A file that is read or written piece by piece; closed when nobody refers to it.
final class AttachmentFile: Sendable {
    /// Octets in memory at one time.
    static let piece = 256 * 1024

    private let descriptor: Int32
    private let path: String

    init(reading path: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path, errno) }
    }

    /// For its owner alone. Where there is none it is made; a new one must not be there.
    init(writing path: String, isNew: Bool) throws(FileError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (isNew ? O_EXCL : 0), 0o600)
        guard descriptor >= 0 else { throw FileError(path, errno) }
    }

    deinit { close(descriptor) }

    var length: Int {
        get throws(FileError) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw FileError(path, errno) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(path, EINVAL) }
            return Int(status.st_size)
        }
    }

    /// Octets from an offset on, at most one piece; empty at the end.
    func read(from offset: Int, atMost most: Int = AttachmentFile.piece) throws(FileError) -> [UInt8] {
        var number: Int32 = 0
        let octets = [UInt8](unsafeUninitializedCapacity: min(most, Self.piece)) { buffer, filled in
            while filled < buffer.count {
                let start = buffer.baseAddress?.advanced(by: filled)
                let got = pread(descriptor, start, buffer.count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { number = errno }
                guard got > 0 else { return }
                filled += got
            }
        }
        guard number == 0 else { throw FileError(path, number) }
        return octets
    }

    /// So many octets from an offset on, or as many as there are to the end.
    /// - Throws: ``FileError`` of `EIO` where the file ends at the offset: somebody has cut it.
    func read(whole count: Int, from offset: Int) throws(FileError) -> [UInt8] {
        var octets: [UInt8] = []
        while octets.count < count {
            let more = try read(from: offset + octets.count, atMost: count - octets.count)
            guard !more.isEmpty else { break }
            octets += more
        }
        guard !octets.isEmpty else { throw FileError(path, EIO) }
        return octets
    }

    func write(_ octets: [UInt8], at offset: Int) throws(FileError) {
        var written = 0
        while written < octets.count {
            let count = octets.withUnsafeBytes { bytes in
                pwrite(
                    descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written,
                    off_t(offset + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError(path, count < 0 ? errno : ENOSPC) }
            written += count
        }
    }

    func cut(to length: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw FileError(path, errno) }
    }

    func sync() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(path, errno) }
    }

    /// The digest of the whole file.
    func digest(_ progress: (Int) -> Void = { _ in }) throws(FileError) -> Digest {
        let running = RunningSHA256()
        var offset = 0
        while true {
            let octets = try read(from: offset)
            guard !octets.isEmpty else { return Digest(running.digest) }
            running.update(octets)
            offset += octets.count
            progress(offset)
        }
    }

    /// Writes this file, turned by a cipher, to another one, and says the digest of what was written.
    func apply(_ cipher: AES256CTR, to other: AttachmentFile) throws(FileError) -> (digest: Digest, length: Int) {
        let running = RunningSHA256()
        var offset = 0
        while true {
            var octets = try read(from: offset)
            guard !octets.isEmpty else { break }
            octets.withUnsafeMutableBytes { cipher.apply(to: $0) }
            running.update(octets)
            try other.write(octets, at: offset)
            offset += octets.count
        }
        try other.sync()
        return (Digest(running.digest), offset)
    }
}
