/// When the warm-up is over: after the first three slices in a row whose rates lie within a tenth of their mean, or
/// after ten slices, whichever comes first. A slice is one second.
struct SteadyWindow: Sendable {
    static let alike = 3
    static let most = 10
    static let spread = 0.1
    /// The rule as the report states it.
    static let rule = """
        the window starts after the first \(alike) slices of one second whose rates lie within \
        \(Int(spread * 100)) % of their mean, or after \(most) slices; what came before is left out
        """

    private var rates: [Double] = []

    /// How many slices the warm-up has had.
    var slices: Int { rates.count }

    /// Takes the rate of one more slice.
    /// - Returns: whether the warm-up ends with it.
    mutating func ends(with rate: Double) -> Bool {
        rates.append(rate)
        return rates.count >= Self.most || isSteady
    }

    private var isSteady: Bool {
        let last = rates.suffix(Self.alike)
        guard last.count == Self.alike, let least = last.min(), let greatest = last.max(), least > 0 else {
            return false
        }
        let mean = last.reduce(0, +) / Double(last.count)
        return greatest - least <= Self.spread * mean
    }
}
