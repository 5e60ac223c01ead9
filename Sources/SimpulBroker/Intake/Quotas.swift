internal import NIOConcurrencyHelpers
public import SimpulCore

/// What each agency may do in a stretch of time, so that one that floods harms no other: submissions and their octets
/// in a second, and refusals that become evidence in a minute. The bounds are in `Limits`, and for one agency in its
/// ``AgencyQuota``; they count for one process. Another quota in a new roster holds from the next submission on.
///
/// Costs about 1 KiB for each agency that has ever called.
public final class Quotas: Sendable {
    private struct Usage {
        var submissions: TokenBucket
        var octets: TokenBucket
        var refusals: SlidingMinute
    }

    private let limits: Limits
    private let usages = NIOLockedValueBox<[AgencyID: Usage]>([:])

    /// Quotas of which nothing is used yet.
    public init(limits: Limits) { self.limits = limits }

    /// Takes one submission of so many octets.
    /// - Throws: `quota`, with the seconds after which one passes; nothing is taken then.
    func admit(_ octets: Int, of agency: Agency, at now: Timestamp) throws(Refusal) {
        let quota = agency.quota.applied(to: limits)
        let milliseconds = use(agency.id, now) { usage in
            usage.submissions.flow(perSecond: Int64(quota.messages), at: now)
            usage.octets.flow(perSecond: Int64(quota.bytes), at: now)
            let wait = max(usage.submissions.wait(for: 1, at: now), usage.octets.wait(for: Int64(octets), at: now))
            guard wait == 0 else { return wait }
            usage.submissions.take(1)
            usage.octets.take(Int64(octets))
            return 0
        }
        guard milliseconds > 0 else { return }
        throw .tooFast(seconds: Int((milliseconds + 999) / 1000))
    }

    /// Takes one refusal that shall be signed and logged.
    /// - Throws: `quota` where there were as many in the last minute as there may be.
    func admitRefusal(of agency: AgencyID, at now: Timestamp) throws(Refusal) {
        let milliseconds = use(agency, now) { $0.refusals.take(at: now, atMost: limits.refusalsPerMinute) }
        guard milliseconds > 0 else { return }
        throw .tooManyRefusals(seconds: Int((milliseconds + 999) / 1000))
    }

    private func use(_ agency: AgencyID, _ now: Timestamp, _ body: (inout Usage) -> Int64) -> Int64 {
        usages.withLockedValue { usages in
            let (rate, octets, burst) = (
                Int64(limits.submissionsPerSecond), Int64(limits.submittedBytesPerSecond), Int64(limits.burstSeconds)
            )
            return body(
                &usages[
                    agency,
                    default: Usage(
                        submissions: TokenBucket(perSecond: rate, seconds: burst, at: now),
                        octets: TokenBucket(perSecond: octets, seconds: burst, at: now), refusals: SlidingMinute())])
        }
    }
}

/// Tokens that flow into a bucket at a steady rate until it is full.
struct TokenBucket: Equatable {
    private var perSecond: Int64
    private var capacity: Int64
    private let seconds: Int64
    /// In thousandths of a token.
    private var level: Int64
    private var filled: Timestamp

    /// A full bucket of so many seconds' worth.
    init(perSecond: Int64, seconds: Int64, at now: Timestamp) {
        (self.perSecond, self.seconds) = (max(1, perSecond), max(1, seconds))
        capacity = Self.capacity(self.perSecond, self.seconds)
        level = capacity
        filled = now
    }

    private static func capacity(_ perSecond: Int64, _ seconds: Int64) -> Int64 {
        let (capacity, overflow) = perSecond.multipliedReportingOverflow(by: seconds * 1000)
        return overflow ? .max / 2 : capacity
    }

    /// Lets tokens flow in at another rate from now on. What is missing from a full bucket is missing in proportion, so
    /// that neither a higher rate nor a lower one gives anything away.
    mutating func flow(perSecond rate: Int64, at now: Timestamp) {
        guard max(1, rate) != perSecond else { return }
        fill(at: now)
        let share = Double(level) / Double(capacity)
        perSecond = max(1, rate)
        capacity = Self.capacity(perSecond, seconds)
        level = min(capacity, Int64(Double(capacity) * share))
    }

    /// Milliseconds until that many tokens are there; 0 where they are. More than the bucket holds are there when it is
    /// full, so that nothing waits for ever.
    mutating func wait(for tokens: Int64, at now: Timestamp) -> Int64 {
        fill(at: now)
        let missing = min(tokens * 1000, capacity) - level
        return missing > 0 ? max(1, (missing + perSecond - 1) / perSecond) : 0
    }

    /// Takes tokens; what is missing has to flow in later.
    mutating func take(_ tokens: Int64) { level -= min(tokens * 1000, capacity) }

    /// A clock that was set back fills nothing, and starts from its new time.
    private mutating func fill(at now: Timestamp) {
        let elapsed = min(max(0, now.milliseconds - filled.milliseconds), capacity / perSecond + 1)
        level = min(capacity, level + elapsed * perSecond)
        filled = now
    }
}

/// The moments of what happened in the last minute.
struct SlidingMinute: Equatable {
    private var moments: [Timestamp] = []

    /// Takes one more, unless there were as many in the last minute already.
    /// - Returns: 0 where it was taken, else the milliseconds until one may be.
    mutating func take(at now: Timestamp, atMost count: Int) -> Int64 {
        // A clock that was set back forgets what lies ahead of it.
        moments.removeAll { $0.milliseconds + 60_000 <= now.milliseconds || $0 > now }
        guard moments.count >= count, let oldest = moments.first else {
            moments.append(now)
            return 0
        }
        return max(1, oldest.milliseconds + 60_000 - now.milliseconds)
    }
}

extension Refusal {
    static func tooFast(seconds: Int) -> Refusal {
        Refusal(
            .quota, at: .receive,
            LocalizedText(
                "Your agency sends more than this broker takes from one agency. Send the same octets again after Retry-After.",
                "Instansi Anda mengirim lebih cepat daripada yang diterima dari satu instansi. Kirim ulang oktet yang sama setelah Retry-After."
            ), diagnosis: "rate of submissions", retryAfter: seconds)
    }

    static func tooManyRefusals(seconds: Int) -> Refusal {
        Refusal(
            .quota, at: .receive,
            LocalizedText(
                "Too much of your agency was refused within a minute; this was refused too, and is not signed. Repair what the earlier answers name, then send again after Retry-After.",
                "Terlalu banyak kiriman instansi Anda ditolak dalam satu menit; yang ini juga ditolak, tanpa tanda tangan. Perbaiki yang disebut jawaban sebelumnya, lalu kirim lagi setelah Retry-After."
            ), diagnosis: "refusals in a minute", retryAfter: seconds)
    }

    static func queueFull(_ message: MessageID) -> Refusal {
        Refusal(
            .quota, at: .store,
            LocalizedText(
                "Too many deliveries of your agency wait for their recipients. Send the same octets again later; the operator sees whose queue stands still.",
                "Terlalu banyak kiriman instansi Anda menunggu penerimanya. Kirim ulang oktet yang sama nanti; operator melihat antrean siapa yang macet."
            ), diagnosis: "unsettled deliveries of the sender", retryAfter: 60, message: message)
    }
}
