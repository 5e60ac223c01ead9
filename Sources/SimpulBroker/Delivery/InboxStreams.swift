internal import NIOConcurrencyHelpers
internal import SimpulCore

/// The streams of every agency that has one.
final class InboxStreams: Sendable {
    private let tools: AgencyStreams.Tools
    private let agencies = NIOLockedValueBox<[AgencyID: AgencyStreams]>([:])

    init(_ tools: AgencyStreams.Tools) { self.tools = tools }

    /// - Throws: `quota`.
    func open(_ request: InboxStream.Request, for caller: Caller) throws(Refusal) -> InboxStream {
        while true {
            if let stream = try streams(of: caller.agency.id).open(request, for: caller) { return stream }
        }
    }

    /// The streams of an agency that has some.
    subscript(agency: AgencyID) -> AgencyStreams? { agencies.withLockedValue { $0[agency] } }

    /// One object lives from an agency's first stream to its last.
    private func streams(of agency: AgencyID) -> AgencyStreams {
        agencies.withLockedValue { agencies in
            if let known = agencies[agency], !known.isOver { return known }
            let new = AgencyStreams(of: agency, tools)
            agencies[agency] = new
            return new
        }
    }
}
