internal import SimpulCore
internal import StrictJSON
internal import StrictYAML

extension Limits {
    /// The defaults, changed by a map of bounds and their values. A name that is no bound, and a value that is not
    /// positive, are faults.
    static func overridden(by map: YAMLMap) -> Limits {
        var limits = Limits()
        for (name, at, value) in map.entries {
            if let bound = counts[name] {
                let greatest =
                    switch name {
                    case "documentDepth": JSONLimits.greatestDepth
                    // What the schema of a header takes.
                    case "attachmentBytes": Int(Int32.max) + 1
                    case "attachmentBytesPerAgency", "attachmentReserveBytes": 1 << 50
                    default: Int(Int32.max)
                    }
                if let number = value.integer(in: 1...greatest) { limits[keyPath: bound] = number }
            } else if let bound = durations[name] {
                if let number = value.integer(in: 1...Int(Int32.max)) { limits[keyPath: bound] = Int64(number) }
            } else {
                at.fault("this is no bound; the bounds are: \(names.joined(separator: ", "))")
            }
        }
        return limits
    }

    /// Every bound that may be changed.
    static var names: [String] { (Array(counts.keys) + Array(durations.keys)).sorted() }

    private static var counts: [String: WritableKeyPath<Limits, Int>] {
        [
            "envelopeBytes": \.envelopeBytes, "documentBytes": \.documentBytes, "documentDepth": \.documentDepth,
            "sealedBytes": \.sealedBytes, "joseHeaderBytes": \.joseHeaderBytes, "sealRecipients": \.sealRecipients,
            "violations": \.violations, "clockTickMilliseconds": \.clockTickMilliseconds,
            "clockBatch": \.clockBatch, "purgeBatch": \.purgeBatch,
            "waitSeconds": \.waitSeconds, "inboxBatch": \.inboxBatch, "inboxBatchDefault": \.inboxBatchDefault,
            "inboxBytes": \.inboxBytes, "leaseSecondsDefault": \.leaseSecondsDefault, "leaseSeconds": \.leaseSeconds,
            "streamWindow": \.streamWindow, "streamWindowDefault": \.streamWindowDefault,
            "streamBytes": \.streamBytes, "streamsPerAgency": \.streamsPerAgency,
            "batchLines": \.batchLines, "batchBytes": \.batchBytes, "batchInFlight": \.batchInFlight,
            "leaseTotalSeconds": \.leaseTotalSeconds, "expiredAtOnce": \.expiredAtOnce,
            "retryAfterSeconds": \.retryAfterSeconds,
            "pushSeconds": \.pushSeconds, "pushConnectSeconds": \.pushConnectSeconds,
            "pushLookupSeconds": \.pushLookupSeconds, "pushLookups": \.pushLookups,
            "pushAnswerBytes": \.pushAnswerBytes, "pushWindowFirst": \.pushWindowFirst, "pushWindow": \.pushWindow,
            "pushFailures": \.pushFailures, "pushBreakerSeconds": \.pushBreakerSeconds,
            "pushBreakerMostSeconds": \.pushBreakerMostSeconds, "pushBackoffSeconds": \.pushBackoffSeconds,
            "pushBackoffMostSeconds": \.pushBackoffMostSeconds, "pushIdleConnections": \.pushIdleConnections,
            "pushIdleSeconds": \.pushIdleSeconds,
            "outboxPage": \.outboxPage, "outboxPageDefault": \.outboxPageDefault, "outboxScan": \.outboxScan,
            "outboxBytes": \.outboxBytes,
            "submissionsPerSecond": \.submissionsPerSecond, "submittedBytesPerSecond": \.submittedBytesPerSecond,
            "burstSeconds": \.burstSeconds, "queuedDeliveries": \.queuedDeliveries,
            "refusalsPerMinute": \.refusalsPerMinute,
            "consentMessages": \.consentMessages, "consentParties": \.consentParties,
            "commitQueue": \.commitQueue, "commitQueueBytes": \.commitQueueBytes, "commitBatch": \.commitBatch,
            "connections": \.connections, "connectionsPerAgency": \.connectionsPerAgency,
            "shutdownSeconds": \.shutdownSeconds,
            "headBytes": \.headBytes, "headFields": \.headFields, "backlog": \.backlog,
            "bundleChunkBytes": \.bundleChunkBytes, "bundleLineBytes": \.bundleLineBytes,
            "bundleItems": \.bundleItems, "bundleChunks": \.bundleChunks, "bundlePage": \.bundlePage,
            "bundleReturns": \.bundleReturns, "bundleBytes": \.bundleBytes, "bundlePartBytes": \.bundlePartBytes,
            "statusConnections": \.statusConnections, "unreadAnswerBytes": \.unreadAnswerBytes,
            "attachmentBytes": \.attachmentBytes, "attachmentChunkBytes": \.attachmentChunkBytes,
            "attachmentBytesPerAgency": \.attachmentBytesPerAgency, "unlistedAttachments": \.unlistedAttachments,
            "attachmentTransfers": \.attachmentTransfers, "attachmentReserveBytes": \.attachmentReserveBytes,
            "attachmentRound": \.attachmentRound,
        ]
    }

    private static var durations: [String: WritableKeyPath<Limits, Int64>] {
        [
            "sentAheadSeconds": \.sentAheadSeconds, "sentBehindSeconds": \.sentBehindSeconds,
            "lifetimeSeconds": \.lifetimeSeconds, "bodySeconds": \.bodySeconds, "bodyRate": \.bodyRate,
            "lingerSeconds": \.lingerSeconds, "answerSeconds": \.answerSeconds,
            "unlistedAttachmentSeconds": \.unlistedAttachmentSeconds,
            "attachmentRoundSeconds": \.attachmentRoundSeconds,
            "handshakeSeconds": \.handshakeSeconds, "goodbyeSeconds": \.goodbyeSeconds,
            "streamCommentSeconds": \.streamCommentSeconds,
            "bundleAgeSeconds": \.bundleAgeSeconds, "bundleAheadSeconds": \.bundleAheadSeconds,
            "consentSeconds": \.consentSeconds, "recallAnswerSeconds": \.recallAnswerSeconds,
            "openedBodySeconds": \.openedBodySeconds, "purgedLogSeconds": \.purgedLogSeconds,
        ]
    }
}
