package import Contexts

/// Why no plan can even be looked for.
package struct PlanningError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The line can only be checked with labelled data.
        case needsEvaluationData
        /// The line needs sizes that the model leaves open, at this layer first.
        case openSizes(layer: String)
        /// The line needs a device or a network, and the cost model has none.
        case needsContext
    }

    package var code: Code
    /// Name of the profile.
    package var profile: String
    package var line: Budget.Key

    package init(_ code: Code, profile: String, line: Budget.Key) {
        self.code = code
        self.profile = profile
        self.line = line
    }

    package var description: String {
        let place = "profile '\(profile)', budget.\(line.rawValue)"
        return switch code {
        case .needsEvaluationData:
            "\(place): can only be checked with evaluation data: give some, or take the line out"
        case .openSizes(let layer):
            "\(place): needs the sizes of all tensors, and the model leaves that of '\(layer)' open:"
                + " give an input shape, or take the line out"
        case .needsContext:
            "\(place): needs a \(line == .loadMs ? "network" : "device") in the profile"
        }
    }
}
