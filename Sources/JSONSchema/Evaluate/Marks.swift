/// Which members or elements of one value some keyword has evaluated, by their place in the value.
struct Marks {
    private var places = BitSet()
    private var all = false

    func contains(_ place: Int) -> Bool { all || places.contains(place) }

    mutating func insert(_ place: Int) { places.insert(place) }

    mutating func insertAll() { all = true }

    mutating func formUnion(_ other: Marks) {
        all = all || other.all
        places.formUnion(other.places)
    }
}
