/// A number as YAML 1.2 and JSON both write it: decimal digits, a fraction, an exponent.
struct Numeral: Equatable {
    let text: String
    /// Infinite where the digits are more than a double holds.
    let value: Double
    /// Whether the text has neither fraction nor exponent.
    let isWhole: Bool

    init?(_ text: String) {
        guard let match = text.wholeMatch(of: Self.shape), let value = Double(text) else {
            return nil
        }
        self.text = text
        self.value = value
        self.isWhole = match.fraction == nil && match.exponent == nil
    }

    /// Whether the text is a number followed by letters or signs that look like a unit.
    static func carriesUnit(_ text: String) -> Bool {
        text.wholeMatch(of: withUnit) != nil
    }

    private static var shape: Regex<(Substring, fraction: Substring?, exponent: Substring?)> {
        /[-+]?[0-9]+(?<fraction>\.[0-9]+)?(?<exponent>[eE][-+]?[0-9]+)?/
    }

    private static var withUnit: Regex<Substring> {
        /[-+]?[0-9]+(?:\.[0-9]+)?\s*[A-Za-zµμ%][A-Za-zµμ%\/]{0,15}/
    }
}
