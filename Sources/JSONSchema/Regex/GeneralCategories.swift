/// The values of General_Category, by every name that PropertyValueAliases.txt of Unicode has for them.
enum GeneralCategories {
    static let byName: [String: Set<Unicode.GeneralCategory>] = {
        var table: [String: Set<Unicode.GeneralCategory>] = [:]
        for (names, categories) in groups + single {
            for name in names { table[name] = categories }
        }
        return table
    }()

    private typealias Row = ([String], Set<Unicode.GeneralCategory>)

    private static let groups: [Row] = [
        (["L", "Letter"], [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter]),
        (["LC", "Cased_Letter"], [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter]),
        (["M", "Mark", "Combining_Mark"], [.nonspacingMark, .spacingMark, .enclosingMark]),
        (["N", "Number"], [.decimalNumber, .letterNumber, .otherNumber]),
        (
            ["P", "Punctuation", "punct"],
            [
                .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
                .finalPunctuation, .otherPunctuation,
            ]
        ),
        (["S", "Symbol"], [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol]),
        (["Z", "Separator"], [.spaceSeparator, .lineSeparator, .paragraphSeparator]),
        (["C", "Other"], [.control, .format, .surrogate, .privateUse, .unassigned]),
    ]

    private static let single: [Row] = [
        (["Lu", "Uppercase_Letter"], [.uppercaseLetter]), (["Ll", "Lowercase_Letter"], [.lowercaseLetter]),
        (["Lt", "Titlecase_Letter"], [.titlecaseLetter]), (["Lm", "Modifier_Letter"], [.modifierLetter]),
        (["Lo", "Other_Letter"], [.otherLetter]), (["Mn", "Nonspacing_Mark"], [.nonspacingMark]),
        (["Mc", "Spacing_Mark"], [.spacingMark]), (["Me", "Enclosing_Mark"], [.enclosingMark]),
        (["Nd", "Decimal_Number", "digit"], [.decimalNumber]), (["Nl", "Letter_Number"], [.letterNumber]),
        (["No", "Other_Number"], [.otherNumber]), (["Pc", "Connector_Punctuation"], [.connectorPunctuation]),
        (["Pd", "Dash_Punctuation"], [.dashPunctuation]), (["Ps", "Open_Punctuation"], [.openPunctuation]),
        (["Pe", "Close_Punctuation"], [.closePunctuation]), (["Pi", "Initial_Punctuation"], [.initialPunctuation]),
        (["Pf", "Final_Punctuation"], [.finalPunctuation]), (["Po", "Other_Punctuation"], [.otherPunctuation]),
        (["Sm", "Math_Symbol"], [.mathSymbol]), (["Sc", "Currency_Symbol"], [.currencySymbol]),
        (["Sk", "Modifier_Symbol"], [.modifierSymbol]), (["So", "Other_Symbol"], [.otherSymbol]),
        (["Zs", "Space_Separator"], [.spaceSeparator]), (["Zl", "Line_Separator"], [.lineSeparator]),
        (["Zp", "Paragraph_Separator"], [.paragraphSeparator]), (["Cc", "Control", "cntrl"], [.control]),
        (["Cf", "Format"], [.format]), (["Co", "Private_Use"], [.privateUse]), (["Cn", "Unassigned"], [.unassigned]),
        (["Cs", "Surrogate"], [.surrogate]),
    ]

    /// The code points of some categories. The first call looks at every code point: some milliseconds.
    static func characters(of categories: Set<Unicode.GeneralCategory>) -> CharacterSet {
        CharacterSet(runs: runs) { value in categories.contains { numbers[$0] == value } }
    }

    private static let numbers: [Unicode.GeneralCategory: UInt8] = {
        var numbers: [Unicode.GeneralCategory: UInt8] = [:]
        for (index, row) in single.enumerated() {
            for category in row.1 { numbers[category] = UInt8(index) }
        }
        return numbers
    }()

    private static let runs: [UInt32] = {
        var runs: [UInt32] = []
        var last: Unicode.GeneralCategory?
        for value in 0...CharacterSet.last {
            let category = Unicode.Scalar(value)?.properties.generalCategory ?? .surrogate
            guard category != last else { continue }
            runs.append(value << 8 | UInt32(numbers[category] ?? 0))
            last = category
        }
        return runs
    }()
}
