internal import Glibc
public import JOSE
internal import NIOConcurrencyHelpers
public import SimpulBroker

/// Attachments as files of one folder, each under a random name and readable for its owner alone.
///
/// Of a file that is being written the digest so far is kept in memory, so that going on costs nothing; after a restart
/// it is made from the file once. Work on disks is done on threads of its own.
public final class AttachmentFolder: AttachmentFiles {
    /// What is known of a file that is being written.
    private struct Writing {
        /// Which of all writers has it; 0 before the first of this process.
        var turn = 0
        var length = 0
        var unsynced = 0
        var digest = RunningSHA256()
        /// Held while a writer is at work on the file: what is hashed is what is written.
        let work = NIOLock()
    }

    /// Threads that read and write. More would help a disk that takes many requests at once; each costs its stack.
    private static let threads = 4
    /// Octets after which a file that grows is put on disk, so that the end of a large one does not wait for all of it,
    /// and what others write does not wait behind it.
    private static let syncEvery = 32 * 1024 * 1024

    private let path: String
    private let reserve: Int
    private let chunk: Int
    private let disk: DiskThreads
    private let syncs: Syncs
    private let writings = NIOLockedValueBox<[AttachmentName: Writing]>([:])
    private let turns = NIOLockedValueBox(0)

    /// How files and the folder are put on disk; 0 where they are. A test's disk may fail.
    struct Syncs: Sendable {
        var data: @Sendable (CInt) -> CInt = { fdatasync($0) }
        var file: @Sendable (CInt) -> CInt = { fsync($0) }
        var folder: @Sendable (CInt) -> CInt = { fsync($0) }
    }

    /// Uses a folder, which is made where there is none.
    /// - Parameters:
    ///   - reserve: octets of the disk that attachments leave free, for messages.
    ///   - chunk: octets that are read at once where a digest is made again.
    public convenience init(path: String, reserve: Int, chunk: Int) throws(StoreError) {
        try self.init(path: path, reserve: reserve, chunk: chunk, syncs: Syncs())
    }

    init(path: String, reserve: Int, chunk: Int, syncs: Syncs) throws(StoreError) {
        self.syncs = syncs
        self.path = path
        self.reserve = reserve
        self.chunk = chunk
        disk = try DiskThreads(Self.threads)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .files("making the folder of attachments") }
        guard chmod(path, 0o700) == 0 else { throw .files("setting the mode of the folder of attachments") }
        try Self.sync(folder: path + "/..", by: syncs.folder)
    }

    /// Does what was asked for, then takes nothing more.
    public func close() { disk.close() }

    /// Octets of a file; 0 where there is none.
    public func length(of name: AttachmentName) async throws(StoreError) -> Int {
        if let known = writings.withLockedValue({ $0[name] }), known.turn > 0 { return known.length }
        return try await disk.run { [self] () throws(StoreError) in try size(of: name) }
    }

    /// Gives the right to write on.
    public func open(
        _ name: AttachmentName, at offset: Int, expecting more: Int
    ) async throws(StoreError) -> AttachmentWriter? {
        try await disk.run { [self] () throws(StoreError) in
            try requireRoom(for: more)
            let work = writings.withLockedValue { writings in
                let writing = writings[name] ?? Writing()
                writings[name] = writing
                return writing.work
            }
            return try work.locked { () throws(StoreError) in try begin(name, at: offset) }
        }
    }

    /// Writes on.
    public func append(_ octets: [UInt8], to writer: AttachmentWriter) async throws(StoreError) -> Bool {
        try await disk.run { [self] () throws(StoreError) in
            guard let work = lock(of: writer) else { return false }
            return try work.locked { () throws(StoreError) in
                guard var writing = current(writer) else { return false }
                try requireRoom(for: octets.count)
                let file = try descriptor(of: writer.name, O_WRONLY)
                defer { Glibc.close(file) }
                try Self.write(octets, to: file, at: writing.length)
                writing.digest.update(octets)
                writing.length += octets.count
                writing.unsynced += octets.count
                if writing.unsynced >= Self.syncEvery {
                    guard syncs.data(file) == 0 else { throw distrust(writer.name, file) }
                    writing.unsynced = 0
                }
                keep(writing, of: writer)
                return true
            }
        }
    }

    /// Puts the file and its name on disk.
    public func seal(_ writer: AttachmentWriter) async throws(StoreError) -> (length: Int, digest: SHA256Digest)? {
        let sealed: Sealed? = try await disk.run { [self] () throws(StoreError) in
            guard let work = lock(of: writer) else { return nil }
            return try work.locked { () throws(StoreError) in
                guard let writing = current(writer) else { return nil }
                let file = try descriptor(of: writer.name, O_WRONLY)
                defer { Glibc.close(file) }
                guard syncs.file(file) == 0 else { throw distrust(writer.name, file) }
                do { try Self.sync(folder: path, by: syncs.folder) } catch { throw distrust(writer.name, file) }
                writings.withLockedValue { $0[writer.name] = nil }
                return Sealed(length: writing.length, digest: writing.digest.digest)
            }
        }
        return sealed.map { ($0.length, $0.digest) }
    }

    private struct Sealed: Sendable {
        var length: Int
        var digest: SHA256Digest
    }

    /// Octets from an offset on.
    public func read(
        _ name: AttachmentName, from offset: Int, atMost count: Int
    ) async throws(StoreError) -> [UInt8] {
        try await disk.run { [self] () throws(StoreError) in
            let file = try descriptor(of: name, O_RDONLY)
            defer { Glibc.close(file) }
            return try Self.read(file, from: offset, atMost: count)
        }
    }

    /// Removes files.
    public func remove(_ names: [AttachmentName]) async throws(StoreError) {
        guard !names.isEmpty else { return }
        try await disk.run { [self] () throws(StoreError) in
            for name in names {
                writings.withLockedValue { $0[name] = nil }
                guard unlink("\(path)/\(name)") == 0 || errno == ENOENT else { throw .files("removing an attachment") }
            }
            try Self.sync(folder: path, by: syncs.folder)
        }
    }

    /// The names of all files, some at a time. What has no name of an attachment is left alone.
    public func each(atMost count: Int, _ visit: @Sendable ([AttachmentName]) async throws -> Void) async throws {
        let names = try await disk.run { [self] () throws(StoreError) in try self.names() }
        for start in stride(from: 0, to: names.count, by: count) {
            try await visit(Array(names[start..<min(start + count, names.count)]))
        }
    }

    // MARK: On the disk's threads

    private func names() throws(StoreError) -> [AttachmentName] {
        guard let folder = opendir(path) else { throw .files("reading the folder of attachments") }
        defer { closedir(folder) }
        var names: [AttachmentName] = []
        while let entry = readdir(folder) {
            let text = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let name = AttachmentName(text) { names.append(name) }
        }
        return names
    }

    private func begin(_ name: AttachmentName, at offset: Int) throws(StoreError) -> AttachmentWriter? {
        let file = try descriptor(of: name, O_RDWR | O_CREAT)
        defer { Glibc.close(file) }
        var writing = writings.withLockedValue { $0[name, default: Writing()] }
        if offset == 0 {
            (writing.length, writing.unsynced, writing.digest) = (0, 0, RunningSHA256())
        } else if writing.turn == 0 {
            // Written before this process: its digest so far is made again, once.
            (writing.length, writing.digest) = try digest(of: file)
        }
        writing.turn = turns.withLockedValue { turns in
            turns += 1
            return turns
        }
        writings.withLockedValue { $0[name] = writing }
        guard writing.length == offset else { return nil }
        guard ftruncate(file, off_t(offset)) == 0 else { throw .files("cutting an attachment") }
        return AttachmentWriter(name: name, turn: writing.turn)
    }

    private func digest(of file: CInt) throws(StoreError) -> (Int, RunningSHA256) {
        let digest = RunningSHA256()
        var length = 0
        while true {
            let octets = try Self.read(file, from: length, atMost: chunk)
            guard !octets.isEmpty else { return (length, digest) }
            digest.update(octets)
            length += octets.count
        }
    }

    /// The kernel tells of a write that failed once; what it has dropped then looks written ever after. So nothing of the
    /// file counts any more, and it is uploaded anew.
    private func distrust(_ name: AttachmentName, _ file: CInt) -> StoreError {
        let error = StoreError.files("syncing an attachment")
        writings.withLockedValue { $0[name] = nil }
        _ = ftruncate(file, 0)
        return error
    }

    private func lock(of writer: AttachmentWriter) -> NIOLock? { current(writer)?.work }

    private func current(_ writer: AttachmentWriter) -> Writing? {
        writings.withLockedValue { $0[writer.name] }.flatMap { $0.turn == writer.turn ? $0 : nil }
    }

    private func keep(_ writing: Writing, of writer: AttachmentWriter) {
        writings.withLockedValue { writings in
            // Removed meanwhile: it stays so.
            if writings[writer.name]?.turn == writer.turn { writings[writer.name] = writing }
        }
    }

    private func size(of name: AttachmentName) throws(StoreError) -> Int {
        var status = stat()
        if stat("\(path)/\(name)", &status) == 0 { return Int(status.st_size) }
        guard errno == ENOENT else { throw .files("looking at an attachment") }
        return 0
    }

    /// A disk that is full for attachments is not yet full for messages.
    private func requireRoom(for octets: Int) throws(StoreError) {
        var system = statvfs()
        guard statvfs(path, &system) == 0 else { throw .files("asking for free space") }
        let free = Int(clamping: UInt64(system.f_bavail) * UInt64(system.f_frsize))
        guard free - reserve >= octets else {
            throw StoreError(.unavailable, "the disk has too little room for attachments")
        }
    }

    private func descriptor(of name: AttachmentName, _ flags: CInt) throws(StoreError) -> CInt {
        let file = Glibc.open("\(path)/\(name)", flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            if errno == ENOENT { throw StoreError(.corrupt, "the file of an attachment is missing") }
            throw .files("opening an attachment")
        }
        return file
    }

    private static func write(_ octets: [UInt8], to file: CInt, at offset: Int) throws(StoreError) {
        var written = 0
        while written < octets.count {
            let count = octets.withUnsafeBytes {
                pwrite(file, $0.baseAddress?.advanced(by: written), $0.count - written, off_t(offset + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .files("writing an attachment") }
            written += count
        }
    }

    private static func read(_ file: CInt, from offset: Int, atMost count: Int) throws(StoreError) -> [UInt8] {
        var failure: CInt = 0
        let octets = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    file, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { return }
                filled += got
            }
        }
        guard failure == 0 else { throw StoreError(.unavailable, "reading an attachment: error \(failure)") }
        return octets
    }

    /// A file whose name is not on disk is gone after a power failure.
    private static func sync(folder: String, by sync: (CInt) -> CInt) throws(StoreError) {
        let folder = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .files("opening the folder of attachments") }
        defer { Glibc.close(folder) }
        guard sync(folder) == 0 else { throw .files("syncing the folder of attachments") }
    }
}

extension NIOLock {
    /// ``withLock(_:)`` with the type of its error.
    fileprivate func locked<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        lock()
        defer { unlock() }
        return try body()
    }
}

extension StoreError {
    fileprivate static func files(_ what: String) -> StoreError {
        StoreError(.unavailable, "\(what): \(String(cString: strerror(errno)))")
    }
}
