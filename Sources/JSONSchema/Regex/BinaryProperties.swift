/// The binary properties of ECMA-262 (§22.2.1, "Binary Unicode property aliases") that are kept by the standard
/// library; ``ScriptTables`` has the others.
enum BinaryProperties {
    struct Row: Sendable {
        var names: [String]
        var test: @Sendable (Unicode.Scalar.Properties) -> Bool

        init(_ long: String, _ short: String, _ test: @escaping @Sendable (Unicode.Scalar.Properties) -> Bool) {
            (names, self.test) = ([long, short], test)
        }
    }

    /// The place of each property in ``rows``, by its long and its short name.
    static let places: [String: Int] = {
        var places: [String: Int] = [:]
        for (index, row) in rows.enumerated() {
            for name in row.names { places[name] = index }
        }
        return places
    }()

    static let rows: [Row] = [
        Row("Alphabetic", "Alpha", \.isAlphabetic),
        Row("ASCII_Hex_Digit", "AHex", \.isASCIIHexDigit),
        Row("Bidi_Control", "Bidi_C", \.isBidiControl),
        Row("Bidi_Mirrored", "Bidi_M", \.isBidiMirrored),
        Row("Case_Ignorable", "CI", \.isCaseIgnorable),
        Row("Cased", "Cased", \.isCased),
        Row("Changes_When_Casefolded", "CWCF", \.changesWhenCaseFolded),
        Row("Changes_When_Casemapped", "CWCM", \.changesWhenCaseMapped),
        Row("Changes_When_Lowercased", "CWL", \.changesWhenLowercased),
        Row("Changes_When_NFKC_Casefolded", "CWKCF", \.changesWhenNFKCCaseFolded),
        Row("Changes_When_Titlecased", "CWT", \.changesWhenTitlecased),
        Row("Changes_When_Uppercased", "CWU", \.changesWhenUppercased),
        Row("Dash", "Dash", \.isDash),
        Row("Default_Ignorable_Code_Point", "DI", \.isDefaultIgnorableCodePoint),
        Row("Deprecated", "Dep", \.isDeprecated),
        Row("Diacritic", "Dia", \.isDiacritic),
        Row("Emoji", "Emoji", \.isEmoji),
        Row("Emoji_Modifier", "EMod", \.isEmojiModifier),
        Row("Emoji_Modifier_Base", "EBase", \.isEmojiModifierBase),
        Row("Emoji_Presentation", "EPres", \.isEmojiPresentation),
        Row("Extender", "Ext", \.isExtender),
        Row("Grapheme_Base", "Gr_Base", \.isGraphemeBase),
        Row("Grapheme_Extend", "Gr_Ext", \.isGraphemeExtend),
        Row("Hex_Digit", "Hex", \.isHexDigit),
        Row("IDS_Binary_Operator", "IDSB", \.isIDSBinaryOperator),
        Row("IDS_Trinary_Operator", "IDST", \.isIDSTrinaryOperator),
        Row("ID_Continue", "IDC", \.isIDContinue),
        Row("ID_Start", "IDS", \.isIDStart),
        Row("Ideographic", "Ideo", \.isIdeographic),
        Row("Join_Control", "Join_C", \.isJoinControl),
        Row("Logical_Order_Exception", "LOE", \.isLogicalOrderException),
        Row("Lowercase", "Lower", \.isLowercase),
        Row("Math", "Math", \.isMath),
        Row("Noncharacter_Code_Point", "NChar", \.isNoncharacterCodePoint),
        Row("Pattern_Syntax", "Pat_Syn", \.isPatternSyntax),
        Row("Pattern_White_Space", "Pat_WS", \.isPatternWhitespace),
        Row("Quotation_Mark", "QMark", \.isQuotationMark),
        Row("Radical", "Radical", \.isRadical),
        Row("Sentence_Terminal", "STerm", \.isSentenceTerminal),
        Row("Soft_Dotted", "SD", \.isSoftDotted),
        Row("Terminal_Punctuation", "Term", \.isTerminalPunctuation),
        Row("Unified_Ideograph", "UIdeo", \.isUnifiedIdeograph),
        Row("Uppercase", "Upper", \.isUppercase),
        Row("Variation_Selector", "VS", \.isVariationSelector),
        Row("White_Space", "space", \.isWhitespace),
        Row("XID_Continue", "XIDC", \.isXIDContinue),
        Row("XID_Start", "XIDS", \.isXIDStart),
    ]
}
