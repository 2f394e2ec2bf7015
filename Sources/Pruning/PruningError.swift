/// Why a model cannot be pruned as asked, and where.
package struct PruningError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The plan's text is not a plan.
        case plan
        /// The plan was made for another model.
        case model
        /// A channel group that the plan names is not there, or cannot be cut like that.
        case group
        /// A kernel that the plan names is not there, or cannot hold that many zeros.
        case kernel
        /// A weight holds values that have no order.
        case weight
        /// The model does not fit together after the cut.
        case rewrite
        /// No criterion has that name.
        case criterion
        /// A sample cannot be used for calibration.
        case samples
    }

    package var code: Code
    /// The channel group, kernel, layer or key; empty for the whole.
    package var place: String
    /// What is wrong and what to do, as the rest of a sentence.
    package var reason: String

    package init(_ code: Code, at place: String = "", _ reason: String) {
        self.code = code
        self.place = place
        self.reason = reason
    }

    package var description: String {
        switch code {
        case _ where place.isEmpty: reason
        case .plan: "plan key '\(place)': \(reason)"
        case .model: "model '\(place)': \(reason)"
        case .group: "channel group '\(place)': \(reason)"
        case .kernel, .weight: "weight '\(place)': \(reason)"
        case .rewrite: "layer '\(place)': \(reason)"
        case .criterion: "criterion '\(place)': \(reason)"
        case .samples: "sample \(place): \(reason)"
        }
    }
}
