internal import Glibc

/// Reads whole files of a bounded size.
public enum BoundedFile {
    /// The octets of a regular file.
    /// - Parameters:
    ///   - limit: the most octets that the file may have; costs that much memory at the most.
    ///   - isSecret: refuses a file that others than its owner and group have any right to.
    /// - Throws: ``Failure``, which names neither the path nor anything of the content.
    public static func read(
        _ path: String, atMost limit: Int, isSecret: Bool = false
    ) throws(Failure) -> [UInt8] {
        guard !path.utf8.contains(0) else { throw .notFound }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Failure(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        guard !isSecret || status.st_mode & 0o007 == 0 else { throw .exposed }
        return try bytes(of: descriptor, atMost: limit)
    }

    private static func bytes(of descriptor: Int32, atMost limit: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit + 1, 64 * 1024))
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw .tooLarge
    }

    /// Why a file could not be read.
    public enum Failure: String, Error, Hashable, Sendable, CaseIterable {
        case notFound = "there is no such file"
        case denied = "this user may not read it"
        case notRegular = "it is not a regular file"
        case tooLarge = "it is too large"
        case exposed = "everybody on this machine may read or change it; take that away with chmod o="
        case failed = "it cannot be read"

        init(_ number: Int32) {
            switch number {
            case ENOENT, ENOTDIR: self = .notFound
            case EACCES, EPERM: self = .denied
            default: self = .failed
            }
        }
    }
}
