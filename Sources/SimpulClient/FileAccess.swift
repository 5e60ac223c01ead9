import Glibc
internal import SimpulCore

/// Files as the client needs them: read whole within a limit, written so that they outlast a power cut.
public enum FileAccess {
    /// The octets of a file.
    /// - Parameters:
    ///   - path: the file; `-` is the standard input.
    ///   - limit: the most octets; a longer file is an error, and never more than one octet beyond it is read.
    /// - Throws: ``FileError``.
    public static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        guard path != "-" else { return try read(descriptor: 0, of: path, limit: limit) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path, errno) }
        defer { close(descriptor) }
        return try read(descriptor: descriptor, of: path, limit: limit)
    }

    private static func read(descriptor: Int32, of path: String, limit: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let wanted = min(chunk.count, limit + 1 - bytes.count)
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, wanted) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError(path, errno) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else { throw FileError(path, EFBIG) }
        }
    }

    /// Replaces a file as a whole: when this returns, the new content and its name are on disk. When it throws, the old
    /// content is still there.
    /// - Parameter isForAll: whether others than the owner may read it, as far as the process's umask lets them.
    public static func writeDurably(_ bytes: [UInt8], to path: String, isForAll: Bool = false) throws(FileError) {
        let temporary = path + ".new"
        try write(
            bytes, to: temporary, flags: O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode: isForAll ? 0o644 : 0o600)
        try rename(temporary, to: path)
    }

    /// Makes a file that was not there, readable by the owner alone; on disk when this returns.
    /// - Throws: ``FileError`` of `EEXIST` where there is one of that name; after any failure there is none that this made.
    public static func writeNew(_ bytes: [UInt8], to path: String) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path, errno) }
        defer { close(descriptor) }
        do throws(FileError) {
            try write(bytes, descriptor: descriptor, of: path)
            guard fsync(descriptor) == 0 else { throw FileError(path, errno) }
            try syncDirectory(of: path)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Appends to a file; on disk when this returns.
    static func appendDurably(_ bytes: [UInt8], to path: String) throws(FileError) {
        try write(bytes, to: path, flags: O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC)
    }

    private static func write(_ bytes: [UInt8], to path: String, flags: Int32, mode: mode_t = 0o600) throws(FileError) {
        let descriptor = open(path, flags, mode)
        guard descriptor >= 0 else { throw FileError(path, errno) }
        defer { close(descriptor) }
        try write(bytes, descriptor: descriptor, of: path)
        guard fsync(descriptor) == 0 else { throw FileError(path, errno) }
    }

    /// Writes everything to an open descriptor, such as the standard output.
    public static func write(_ bytes: [UInt8], descriptor: Int32, of path: String) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError(path, errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Renames a file, over an older one where there is one; both directories are on disk when this returns.
    static func rename(_ path: String, to newPath: String) throws(FileError) {
        guard Glibc.rename(path, newPath) == 0 else { throw FileError(newPath, errno) }
        try syncDirectory(of: newPath)
        if directory(of: path) != directory(of: newPath) { try syncDirectory(of: path) }
    }

    /// Removes a file; one that is not there is no error.
    static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError(path, errno) }
        try syncDirectory(of: path)
    }

    /// Gives a file one more name; one that is there already is no error. The name is on disk when this returns.
    static func link(_ path: String, to newPath: String) throws(FileError) {
        guard Glibc.link(path, newPath) == 0 || errno == EEXIST else { throw FileError(newPath, errno) }
        try syncDirectory(of: newPath)
    }

    /// Octets that may still be written to where a file is to be; nil where the system does not say.
    public static func room(for path: String) -> Int? {
        var status = statvfs()
        guard statvfs(directory(of: path), &status) == 0 else { return nil }
        let (octets, isTooMuch) = Int(status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
        return isTooMuch ? nil : octets
    }

    /// Makes a directory that only its owner may enter, where there is none yet. Its parent must exist.
    public static func makeDirectory(_ path: String) throws(FileError) {
        if mkdir(path, 0o700) == 0 { return try syncDirectory(of: path) }
        guard errno == EEXIST else { throw FileError(path, errno) }
    }

    /// Whether there is a file of that name.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// When a file's content was written last.
    static func lastChange(of path: String) throws(FileError) -> Timestamp {
        var status = stat()
        guard stat(path, &status) == 0 else { throw FileError(path, errno) }
        return Timestamp(milliseconds: Int64(status.st_mtim.tv_sec) * 1000)
    }

    /// The names in a directory with that ending, sorted, without those that start with a dot; one that is not there is
    /// empty.
    /// - Parameter limit: the most names; of more, any that many are given.
    static func names(in path: String, suffix: String = "", limit: Int) throws(FileError) -> [String] {
        guard let stream = opendir(path) else {
            guard errno == ENOENT else { throw FileError(path, errno) }
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < limit, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") && name.hasSuffix(suffix) { names.append(name) }
        }
        return names.sorted()
    }

    /// Holds the lock file of a folder while the body runs, so that two processes do not write at once.
    static func withLock<Value>(
        on path: String, _ body: () throws(ClientError) -> Value
    ) throws(ClientError) -> Value {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ClientError(FileError(path, errno)) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw ClientError(FileError(path, errno)) }
        }
        return try body()
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func syncDirectory(of path: String) throws(FileError) {
        let directory = directory(of: path)
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(directory, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(directory, errno) }
    }
}

/// A file that could not be read or written, and the system's reason.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file.
    public var path: String
    /// The system's number for the reason (`errno`).
    public var number: Int32

    init(_ path: String, _ number: Int32) {
        self.path = path
        self.number = number
    }

    /// The number of a file, or a part of one, that is larger than is taken.
    static let tooLarge = EFBIG

    /// The reason without the path.
    var reason: String { number == EFBIG ? "the file is too large" : errorText(number) }

    /// The reason in both languages; of rare reasons the system's own words, with its number in Indonesian.
    var localizedReason: LocalizedText {
        let indonesian =
            switch number {
            case EFBIG: "berkas terlalu besar"
            case ENOENT: "berkas atau folder tidak ada"
            case EACCES, EPERM: "akses ditolak"
            case EISDIR: "ini folder, bukan berkas"
            case ENOTDIR: "bagian dari nama itu bukan folder"
            case EEXIST: "berkas sudah ada"
            case ENOSPC: "ruang simpan penuh"
            case EPIPE: "pembaca sudah tidak ada"
            default: "kesalahan sistem nomor \(number)"
            }
        return LocalizedText(reason, indonesian)
    }

    /// `path: reason`.
    public var description: String { "\(path): \(reason)" }
}

/// The system's words for one of its error numbers.
func errorText(_ number: Int32) -> String { String(cString: strerror(number)) }
