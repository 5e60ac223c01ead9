import Glibc
internal import SimpulCore

/// A file that is being written: it gets its name once it is whole and on disk, and leaves nothing behind where it never
/// is. Readable by its owner alone, where the file system knows owners.
public final class PartialFile {
    /// The name that it gets.
    public let path: String
    private let temporary: String
    private var descriptor: Int32

    /// Begins a file.
    /// - Parameter replacing: whether a file of that name may be there already.
    /// - Throws: ``FileError``, of `EEXIST` where one is there that may not be.
    public init(_ path: String, replacing: Bool) throws(FileError) {
        guard replacing || !FileAccess.exists(path) else { throw FileError(path, EEXIST) }
        self.path = path
        // Nobody else could have foreseen the name, and what stands there is not followed.
        temporary = "\(path).\(UInt64.random(in: .min ... .max)).new"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path, errno) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporary)
    }

    /// Appends octets.
    public func write(_ octets: [UInt8]) throws(FileError) {
        try FileAccess.write(octets, descriptor: descriptor, of: path)
    }

    /// Puts the file in its place; content and name are on disk when this returns.
    public func finish() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(path, errno) }
        try FileAccess.rename(temporary, to: path)
        close(descriptor)
        descriptor = -1
    }
}

/// The lines of a file, one in memory at a time.
struct FileLines {
    let path: String
    let longest: Int

    /// Hands on each line without its LF, until the body says otherwise.
    /// - Throws: ``FileError`` of `EFBIG` for a line that is too long; what the body throws.
    func each(_ body: ([UInt8]) async throws -> Void) async throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path, errno) }
        defer { close(descriptor) }
        var line: [UInt8] = []
        while let piece = try FilePieces.next(of: descriptor, path) {
            var rest = piece[...]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<end]
                guard line.count <= longest else { throw FileError(path, EFBIG) }
                try await body(line)
                line = []
                rest = rest[(end + 1)...]
            }
            line += rest
            guard line.count <= longest else { throw FileError(path, EFBIG) }
        }
        if !line.isEmpty { try await body(line) }
    }
}

/// The pieces that files are read in.
enum FilePieces {
    private static let octets = 64 * 1024

    /// The next piece of an open file; nil at its end.
    static func next(of descriptor: Int32, _ path: String) throws(FileError) -> [UInt8]? {
        while true {
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: octets) { buffer, filled in
                count = read(descriptor, buffer.baseAddress, buffer.count)
                filled = max(0, count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError(path, errno) }
            return count == 0 ? nil : piece
        }
    }
}
