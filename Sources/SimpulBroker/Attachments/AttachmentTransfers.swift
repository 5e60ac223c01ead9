internal import NIOConcurrencyHelpers
internal import SimpulCore

/// How many uploads and downloads each agency has under way, so that one cannot take every thread and every connection.
final class AttachmentTransfers: Sendable {
    /// One transfer; it counts until nobody refers to it.
    final class Slot: Sendable {
        fileprivate let agency: AgencyID
        fileprivate let counts: NIOLockedValueBox<[AgencyID: Int]>

        fileprivate init(_ agency: AgencyID, _ counts: NIOLockedValueBox<[AgencyID: Int]>) {
            self.agency = agency
            self.counts = counts
        }

        deinit {
            counts.withLockedValue { counts in
                counts[agency, default: 0] -= 1
                if counts[agency] == 0 { counts[agency] = nil }
            }
        }
    }

    private let most: Int
    private let counts = NIOLockedValueBox<[AgencyID: Int]>([:])
    private let uploading = NIOLockedValueBox<[AttachmentName: Int]>([:])

    init(atMost most: Int) { self.most = most }

    /// - Throws: `quota`.
    func begin(_ agency: AgencyID) throws(Refusal) -> Slot {
        let isFree = counts.withLockedValue { counts in
            guard counts[agency, default: 0] < most else { return false }
            counts[agency, default: 0] += 1
            return true
        }
        guard isFree else { throw .tooManyTransfers }
        return Slot(agency, counts)
    }

    /// Files that are being written.
    var names: Set<AttachmentName> { uploading.withLockedValue { Set($0.keys) } }

    func uploadBegan(_ name: AttachmentName) { uploading.withLockedValue { $0[name, default: 0] += 1 } }

    func uploadEnded(_ name: AttachmentName) {
        uploading.withLockedValue { uploading in
            uploading[name, default: 0] -= 1
            if uploading[name] == 0 { uploading[name] = nil }
        }
    }
}
