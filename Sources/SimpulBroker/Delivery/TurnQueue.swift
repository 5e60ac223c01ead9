/// Who waits for a turn, in the order of coming. Each stands in it once; who leaves costs nothing until its place comes
/// up. Joining, leaving and taking the next are constant time on average.
struct TurnQueue<Element: Hashable & Sendable>: Sendable {
    private var waiting: Set<Element> = []
    /// Those who wait, and those who have left, from `head` on.
    private var places: [Element] = []
    private var head = 0

    init() {}

    var isEmpty: Bool { waiting.isEmpty }

    func contains(_ element: Element) -> Bool { waiting.contains(element) }

    /// Puts an element at the end, unless it waits already.
    mutating func append(_ element: Element) {
        guard waiting.insert(element).inserted else { return }
        places.append(element)
        compact()
    }

    /// Puts an element before all others, unless it waits already.
    mutating func prepend(_ element: Element) {
        guard waiting.insert(element).inserted else { return }
        guard head > 0 else { return places.insert(element, at: 0) }
        head -= 1
        places[head] = element
    }

    mutating func remove(_ element: Element) {
        waiting.remove(element)
        compact()
    }

    /// Takes the one whose turn it is.
    mutating func popFirst() -> Element? {
        while head < places.count {
            let element = places[head]
            head += 1
            if waiting.remove(element) != nil { return element }
        }
        return nil
    }

    /// Drops places that nobody holds once they are the most. An element that left and came again may hold two; the
    /// first one counts.
    private mutating func compact() {
        guard places.count > 2 * waiting.count + 32 else { return }
        var seen: Set<Element> = []
        places = places[head...].filter { waiting.contains($0) && seen.insert($0).inserted }
        head = 0
    }
}
