/// A property that `\p{…}` may name, by the names of ECMA-262 in exactly their spelling. The data are those of the
/// standard library and of ``ScriptTables``, both of Unicode 17.0.
enum UnicodeProperty: Hashable, Sendable {
    case any, ascii, assigned, emojiComponent, extendedPictographic, regionalIndicator
    case category(Set<Unicode.GeneralCategory>)
    /// A place in the rows of ``BinaryProperties``.
    case binary(Int)
    /// A place in the names of ``ScriptTables``, or the one behind them for a script that no code point has.
    case script(Int)
    case scriptExtensions(Int)

    /// UnicodePropertyValueExpression: `name=value` or a name or value alone.
    init?(_ expression: String) {
        let parts = expression.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        let found = parts.count == 2 ? Self.find(parts[0], value: parts[1]) : Self.find(expression)
        guard let found else { return nil }
        self = found
    }

    private static func find(_ name: String, value: String) -> UnicodeProperty? {
        switch name {
        case "General_Category", "gc": GeneralCategories.byName[value].map { .category($0) }
        case "Script", "sc": scripts[value].map { .script($0) }
        case "Script_Extensions", "scx": scripts[value].map { .scriptExtensions($0) }
        default: nil
        }
    }

    private static func find(_ name: String) -> UnicodeProperty? {
        switch name {
        case "Any": .any
        case "ASCII": .ascii
        case "Assigned": .assigned
        case "Emoji_Component", "EComp": .emojiComponent
        case "Extended_Pictographic", "ExtPict": .extendedPictographic
        case "Regional_Indicator", "RI": .regionalIndicator
        default: BinaryProperties.places[name].map { .binary($0) } ?? find("gc", value: name)
        }
    }

    private static let scripts: [String: Int] = {
        var places = ["Katakana_Or_Hiragana": ScriptTables.names.count, "Hrkt": ScriptTables.names.count]
        for (index, names) in ScriptTables.names.enumerated() {
            for name in names { places[name] = index }
        }
        return places
    }()

    // MARK: Code points

    /// The code points that have the property. The first use of each property takes some milliseconds; the sets are
    /// kept, which takes less than a mebibyte were every property used.
    var characters: CharacterSet {
        Self.known.withLock { known in
            if let set = known[self] { return set }
            let set = computed
            known[self] = set
            return set
        }
    }

    private static let known = Locked<[UnicodeProperty: CharacterSet]>([:])

    private var computed: CharacterSet {
        switch self {
        case .any: CharacterSet([0...CharacterSet.last])
        case .ascii: CharacterSet([0...0x7F])
        case .assigned: GeneralCategories.characters(of: [.unassigned]).inverted
        case .emojiComponent: CharacterSet(runs: ScriptTables.emoji) { $0 & 1 != 0 }
        case .extendedPictographic: CharacterSet(runs: ScriptTables.emoji) { $0 & 2 != 0 }
        case .regionalIndicator: CharacterSet([0x1F1E6...0x1F1FF])
        case .category(let categories): GeneralCategories.characters(of: categories)
        case .binary(let place): Self.characters(of: BinaryProperties.rows[place])
        case .script(let script): CharacterSet(runs: ScriptTables.scripts) { Int($0) == script }
        case .scriptExtensions(let script): Self.charactersExtended(script)
        }
    }

    private static func characters(of row: BinaryProperties.Row) -> CharacterSet {
        CharacterSet { row.test($0.properties) }
    }

    private static func charactersExtended(_ script: Int) -> CharacterSet {
        let listed = CharacterSet(runs: ScriptTables.extensions) { list in
            ScriptTables.lists[Int(list)].contains { Int($0) == script }
        }
        let plain = CharacterSet(runs: ScriptTables.extensions) { $0 == 0 }
        let own = CharacterSet(runs: ScriptTables.scripts) { Int($0) == script }
        // What has the script and no list of its own: the complement of what lacks one of the two.
        let alone = CharacterSet(own.inverted.ranges + plain.inverted.ranges).inverted
        return CharacterSet(listed.ranges + alone.ranges)
    }
}
