import Contexts
import OrderedJSON

extension CostModel.SourceShares {
    var json: JSON {
        [
            "measured": .real(measured), "interpolated": .real(interpolated),
            "extrapolated": .real(extrapolated), "formula": .real(formula),
        ]
    }

    /// One sentence for people.
    var sentence: String {
        let parts = [
            (measured, "measured"), (interpolated, "between measured widths"),
            (extrapolated, "beyond measured widths"), (formula, "by the formula"),
        ]
        .filter { $0.0 >= 0.0005 }.map { "\(Measure.percent($0.0)) \($0.1)" }
        return "The predicted inference is \(parts.joined(separator: ", "))."
    }
}
