internal import NIOConcurrencyHelpers
internal import NIOCore
internal import SimpulCore

/// How many octets of each agency's answers the kernel has not taken yet: what its clients have asked for and do not
/// read. An agency with too many of them gets no further answer until some are read or their connections end.
final class UnreadAnswers: Sendable {
    /// Smaller answers are not counted: they cost less than the stream or connection that they wait on.
    static let smallestCounted = 4096

    private let most: Int
    private let octets = NIOLockedValueBox<[AgencyID: Int]>([:])

    init(atMost most: Int) { self.most = most }

    /// - Throws: `quota`.
    func requireRoom(for agency: AgencyID) throws(Refusal) {
        guard octets.withLockedValue({ $0[agency, default: 0] }) < most else { throw .unreadAnswers }
    }

    /// Counts an answer until that future is fulfilled, well or not.
    func add(_ count: Int, of agency: AgencyID, until written: EventLoopFuture<Void>) {
        octets.withLockedValue { $0[agency, default: 0] += count }
        written.whenComplete { [octets] _ in
            octets.withLockedValue { octets in
                octets[agency, default: 0] -= count
                if octets[agency] == 0 { octets[agency] = nil }
            }
        }
    }
}

extension Refusal {
    fileprivate static let unreadAnswers = Refusal(
        .quota, at: .receive,
        LocalizedText(
            "Your agency has asked for more answers than it reads. Read those that are due, or close their connections.",
            "Instansi Anda meminta lebih banyak jawaban daripada yang dibaca. Baca jawaban yang tertunda, atau tutup sambungannya."
        ), diagnosis: "unread answers", retryAfter: 1)
}
