internal import StrictJSON

/// What is known of a value while a message is written: some of it stands, some of it is still to be filled in.
indirect enum Known: Equatable, Sendable {
    /// It will be there, nobody knows yet what it is.
    case open
    case scalar(JSON)
    case object([(name: String, value: Known)])
    case array([Known])

    /// A value that is whole.
    init(_ value: JSON) {
        switch value {
        case .object(let members): self = .object(members.map { ($0.name, Known($0.value)) })
        case .array(let elements): self = .array(elements.map { Known($0) })
        default: self = .scalar(value)
        }
    }

    subscript(_ name: String) -> Known? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    static func == (one: Known, other: Known) -> Bool {
        switch (one, other) {
        case (.open, .open): true
        case (.scalar(let one), .scalar(let other)): one == other
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)):
            one.elementsEqual(other) { $0.name == $1.name && $0.value == $1.value }
        default: false
        }
    }
}

/// Whether a condition holds for what is known so far.
struct Finding: Equatable {
    /// Nil where that depends on what is still to be filled in.
    var holds: Bool?
    /// Whether nothing that may be added changes it. A member that is absent may still be added.
    var isSettled: Bool

    static let open = Finding(holds: nil, isSettled: false)

    /// Both at once.
    func and(_ other: Finding) -> Finding {
        for one in [self, other] where one.holds == false && one.isSettled { return one }
        if holds == false { return self }
        if other.holds == false { return other }
        guard holds != nil, other.holds != nil else { return .open }
        return Finding(holds: true, isSettled: isSettled && other.isSettled)
    }
}
