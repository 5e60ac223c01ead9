import Foundation
import JOSE
import NIOConcurrencyHelpers
import SimpulBroker
import SimpulTesting
import Testing

@testable import SimpulStoreSQLite

/// The files of both implementations, and what only a disk has.
@Suite struct AttachmentFolderTests {
    private let scratch = FileManager.default.temporaryDirectory.appending(path: "simpul-files-\(UUID().uuidString)")

    private func folder(reserve: Int = 0) throws -> AttachmentFolder {
        try AttachmentFolder(path: scratch.path(percentEncoded: false), reserve: reserve, chunk: 1000)
    }

    private func files(_ engine: Engine) throws -> any AttachmentFiles {
        try engine == .memory ? MemoryAttachments() : folder()
    }

    private let octets = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    @Test(arguments: Engine.allCases)
    func `what was written in pieces is read in any part, with its digest`(_ engine: Engine) async throws {
        defer { try? FileManager.default.removeItem(at: scratch) }
        let (files, name) = (try files(engine), AttachmentName.random())
        #expect(try await files.length(of: name) == 0)
        let writer = try #require(try await files.open(name, at: 0, expecting: octets.count))
        #expect(try await files.append(Array(octets[..<1234]), to: writer))
        #expect(try await files.append(Array(octets[1234...]), to: writer))
        let sealed = try #require(try await files.seal(writer))
        #expect(sealed.length == octets.count && sealed.digest == SHA256.hash(octets))
        #expect(try await files.read(name, from: 1000, atMost: 500) == Array(octets[1000..<1500]))
        #expect(try await files.read(name, from: 4990, atMost: 500) == Array(octets[4990...]))
        #expect(try await files.length(of: name) == octets.count)
        try await files.remove([name, .random()])
        await #expect(throws: StoreError.self) { try await files.read(name, from: 0, atMost: 1) }
    }

    @Test(arguments: Engine.allCases)
    func `the next writer ends the one before, and goes on only at the end`(_ engine: Engine) async throws {
        defer { try? FileManager.default.removeItem(at: scratch) }
        let (files, name) = (try files(engine), AttachmentName.random())
        let first = try #require(try await files.open(name, at: 0, expecting: 10))
        #expect(try await files.append([1, 2, 3], to: first))
        #expect(try await files.open(name, at: 2, expecting: 8) == nil)
        let second = try #require(try await files.open(name, at: 3, expecting: 7))
        #expect(try await !files.append([9], to: first))
        #expect(try await files.seal(first) == nil)
        #expect(try await files.append([4], to: second))
        #expect(try await files.length(of: name) == 4)
        let anew = try #require(try await files.open(name, at: 0, expecting: 10))
        #expect(try await files.append([5], to: anew))
        #expect(try await files.seal(anew)?.digest == SHA256.hash([5]))
    }

    @Test func `an upload goes on after a restart with the digest of what is on disk`() async throws {
        defer { try? FileManager.default.removeItem(at: scratch) }
        let name = AttachmentName.random()
        let before = try folder()
        let first = try #require(try await before.open(name, at: 0, expecting: octets.count))
        #expect(try await before.append(Array(octets[..<3333]), to: first))
        before.close()
        let after = try folder()
        #expect(try await after.length(of: name) == 3333)
        let second = try #require(try await after.open(name, at: 3333, expecting: octets.count - 3333))
        #expect(try await after.append(Array(octets[3333...]), to: second))
        #expect(try await after.seal(second)?.digest == SHA256.hash(octets))
    }

    @Test func `files and folder are for their owner alone, and strange files are left alone`() async throws {
        defer { try? FileManager.default.removeItem(at: scratch) }
        let (files, name) = (try folder(), AttachmentName.random())
        _ = try await files.open(name, at: 0, expecting: 1)
        try Data().write(to: scratch.appending(path: "note.txt"))
        func mode(_ url: URL) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: url.path(percentEncoded: false))[.posixPermissions] as? Int
        }
        #expect(try mode(scratch) == 0o700)
        #expect(try mode(scratch.appending(path: name.description)) == 0o600)
        try await files.each(atMost: 10) { #expect($0 == [name]) }
    }

    @Test func `a disk that has no room beside its reserve is unavailable, and keeps what is there`() async throws {
        defer { try? FileManager.default.removeItem(at: scratch) }
        let name = AttachmentName.random()
        let roomy = try folder()
        let writer = try #require(try await roomy.open(name, at: 0, expecting: 3))
        #expect(try await roomy.append([1, 2, 3], to: writer))
        let full = try folder(reserve: 1 << 50)
        let error = await #expect(throws: StoreError.self) { try await full.open(name, at: 3, expecting: 1) }
        #expect(error?.code == .unavailable)
        #expect(try await full.read(name, from: 0, atMost: 9) == [1, 2, 3])
    }

    // MARK: A disk that fails

    /// Which sync of an upload fails, once.
    enum Failure: CaseIterable {
        case data, file, folder
    }

    @Test(arguments: Failure.allCases)
    func `what a failed sync was about counts for nothing, and is uploaded anew`(_ failure: Failure) async throws {
        defer { try? FileManager.default.removeItem(at: scratch) }
        let disk = FailingDisk()
        let files = try AttachmentFolder(
            path: scratch.path(percentEncoded: false), reserve: 0, chunk: 1000,
            syncs: .init(
                data: { disk.sync($0, if: failure == .data) }, file: { disk.sync($0, if: failure == .file) },
                folder: { disk.sync($0, if: failure == .folder) }))
        // So many octets are put on disk before the end.
        let octets = [UInt8](repeating: 7, count: failure == .data ? 33 << 20 : 5000)
        let name = AttachmentName.random()
        let writer = try #require(try await files.open(name, at: 0, expecting: octets.count + 1))
        #expect(try await files.append([7], to: writer))
        disk.failOnce()
        await #expect(throws: StoreError.self) {
            _ = try await files.append(octets, to: writer)
            _ = try await files.seal(writer)
        }
        // The disk says yes from now on, as a kernel does that has dropped what it could not write.
        #expect(try await files.length(of: name) == 0)
        #expect(try await files.append([7], to: writer) == false)
        #expect(try await files.seal(writer) == nil)
        for offset in [1, octets.count + 1] { #expect(try await files.open(name, at: offset, expecting: 1) == nil) }
        let anew = try #require(try await files.open(name, at: 0, expecting: octets.count))
        #expect(try await files.append(octets, to: anew))
        #expect(try await files.seal(anew)?.digest == SHA256.hash(octets))
    }
}

/// A disk that fails when it is told to, once.
private final class FailingDisk: Sendable {
    private let fails = NIOLockedValueBox(false)

    func failOnce() { fails.withLockedValue { $0 = true } }

    func sync(_ file: CInt, if mayFail: Bool) -> CInt {
        let hasFailed = fails.withLockedValue { fails in
            defer { if mayFail { fails = false } }
            return mayFail && fails
        }
        return hasFailed ? -1 : fsync(file)
    }
}
