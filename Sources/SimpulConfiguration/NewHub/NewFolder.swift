internal import FoundationEssentials
internal import Glibc

/// One file of a new folder.
struct NewFile {
    let path: String
    let text: String
    /// Whether only its owner may read it, and enter the folder that it is in.
    let isSecret: Bool

    init(_ path: String, _ text: String, isSecret: Bool = false) {
        (self.path, self.text, self.isSecret) = (path, text, isSecret)
    }

    var folder: String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" }
}

/// A folder that appears as a whole: it is written beside its place and then renamed into it.
struct NewFolder {
    let files: [NewFile]
    /// Folders without a file in them; only their owner may enter them.
    let emptyFolders: [String]

    func write(to target: String) throws(NewHubError) {
        let place = Self.withoutFinalSlash(target)
        guard !place.isEmpty, !place.utf8.contains(0) else { throw .unusable("the folder has no name") }
        guard Self.isFree(place) else { throw .occupied }
        let temporary = try Self.temporaryFolder(beside: place)
        do throws(NewHubError) {
            try fill(temporary)
            guard chmod(temporary, 0o755) == 0 else { throw Self.failure("changing the mode of the folder") }
            if rename(temporary, place) != 0 {
                throw errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
                    ? NewHubError.occupied : Self.failure("renaming the folder into its place")
            }
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
    }

    private static func withoutFinalSlash(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        return String(path)
    }

    private static func isFree(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return true }
        return (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty ?? false
    }

    private static func temporaryFolder(beside path: String) throws(NewHubError) -> String {
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            do {
                try FileManager.default.createDirectory(
                    atPath: String(path[..<slash]), withIntermediateDirectories: true)
            } catch {
                throw .failed("making the folder that is to hold it")
            }
        }
        var template = Array("\(path).new-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw failure("making a folder beside it") }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private func fill(_ root: String) throws(NewHubError) {
        let secret = Set(files.filter(\.isSecret).map(\.folder) + emptyFolders)
        var folders = Set(files.map(\.folder)).union(emptyFolders)
        for folder in folders {
            let parts = folder.split(separator: "/")
            for count in parts.indices { folders.insert(parts[..<count].joined(separator: "/")) }
        }
        for folder in folders.sorted() where !folder.isEmpty {
            let path = "\(root)/\(folder)"
            guard mkdir(path, 0o700) == 0, chmod(path, secret.contains(folder) ? 0o700 : 0o755) == 0 else {
                throw Self.failure("making \(folder)")
            }
        }
        for file in files { try Self.write(file, in: root) }
    }

    private static func write(_ file: NewFile, in root: String) throws(NewHubError) {
        let descriptor = open("\(root)/\(file.path)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("making \(file.path)") }
        defer { close(descriptor) }
        var rest = Array(file.text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("writing \(file.path)") }
            rest = rest.dropFirst(count)
        }
        guard file.isSecret || fchmod(descriptor, 0o644) == 0 else {
            throw failure("changing the mode of \(file.path)")
        }
    }

    private static func failure(_ step: String) -> NewHubError {
        .failed("\(step): \(String(cString: strerror(errno)))")
    }
}
