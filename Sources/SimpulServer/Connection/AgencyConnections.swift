internal import NIOConcurrencyHelpers
internal import NIOCore
internal import SimpulCore

/// How many connections each agency has open, so that one cannot take them all. Certificates of no agency are one
/// agency here.
final class AgencyConnections: Sendable {
    private let most: Int
    private let counts = NIOLockedValueBox<[AgencyID?: Int]>([:])

    init(atMost most: Int) { self.most = most }

    /// Counts one more until its channel closes; false where there are as many as there may be.
    func admit(_ channel: any Channel, of agency: AgencyID?) -> Bool {
        let isAdmitted = counts.withLockedValue { counts in
            guard counts[agency, default: 0] < most else { return false }
            counts[agency, default: 0] += 1
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { [counts] _ in
            counts.withLockedValue { counts in
                counts[agency, default: 0] -= 1
                if counts[agency] == 0 { counts[agency] = nil }
            }
        }
        return true
    }
}
