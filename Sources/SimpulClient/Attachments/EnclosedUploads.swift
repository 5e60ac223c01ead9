internal import SimpulCore

/// Uploads the encrypted files of a message that waits in the spool, before the message itself is submitted.
public struct EnclosedUploads: Sendable {
    private let hub: HubConnection
    private let clock: RetryClock
    private let patience: Int64
    private let progress: TransferProgress

    /// Uploads to that broker.
    /// - Parameter patience: seconds that it tries on without any progress.
    public init(hub: HubConnection, clock: RetryClock, patience: Int64, progress: TransferProgress) {
        self.hub = hub
        self.clock = clock
        self.patience = patience
        self.progress = progress
    }

    /// Uploads what the broker has not got yet, and goes on where it was cut, as long as that gets on.
    func upload(_ listed: ListedAttachment, from path: String) async throws(ClientError) {
        do {
            let file = try AttachmentFile(reading: path)
            var seen = 0
            try await clock.goingOn(forSeconds: patience, from: { seen }) { () throws(HubError) in
                let there = try await hub.uploaded(listed.digest)
                seen = there.length
                if there.isWhole { return }
                let start = there.length <= listed.bytes ? there.length : 0
                try await hub.upload(file, listed, from: start) { progress.tell($0, listed.bytes) }
            }
            progress.done()
        } catch let error as HubError {
            progress.done()
            throw ClientError(error)
        } catch let error as FileError {
            throw ClientError(error)
        } catch {
            throw ClientError(.unable, "internal", LocalizedText("\(error)", "\(error)"))
        }
    }
}
