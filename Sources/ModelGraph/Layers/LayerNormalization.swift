/// `LayerNormalization`, `RMSNormalization` and `UnitNormalization`, which norm each sample over some axes.
///
/// Every output depends on all channels along these axes, so that none of them can go.
package struct LayerNormalization: LayerDefinition {
    package static let classNames = [
        "LayerNormalization", "RMSNormalization", "UnitNormalization",
    ]

    /// What the elements are divided by.
    package enum Norm: Hashable, Sendable {
        /// Their standard deviation, after their mean is taken off.
        case deviation
        /// The root of their mean square, or of their variance (Keras's older `rms_scaling`).
        case rootMeanSquare, rootVariance
        /// The root of the sum of their squares.
        case euclidean
    }

    package var norm: Norm
    /// As Keras numbers axes.
    package var axes: [Int]
    package var epsilon: Double
    package var centers: Bool
    package var scales: Bool

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        axes = try configuration.axes("axis", default: [-1])
        switch configuration.className {
        case "RMSNormalization":
            norm = .rootMeanSquare
            epsilon = try configuration.double("epsilon", default: 1e-6)
            (centers, scales) = (false, true)
        case "UnitNormalization":
            norm = .euclidean
            epsilon = 1e-12
            (centers, scales) = (false, false)
        default:
            let usesVariance = try configuration.bool("rms_scaling", default: false)
            norm = usesVariance ? .rootVariance : .deviation
            epsilon = try configuration.double("epsilon", default: 1e-3)
            centers = try configuration.bool("center", default: true) && !usesVariance
            scales = try configuration.bool("scale", default: true) || usesVariance
        }
    }

    private func axes(of input: Shape) throws(GraphError) -> [Int] {
        var known: [Int] = []
        for number in axes {
            guard let axis = input.axis(number) else {
                throw GraphError(
                    .configuration, "'axis' \(number) is not one of \(input.dimensionsText)")
            }
            known.append(axis)
        }
        return known.sorted()
    }

    private var roles: [String] {
        if norm == .rootMeanSquare { return ["scale"] }
        return (scales ? ["gamma"] : []) + (centers ? ["beta"] : [])
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        let input = try call.firstInput()
        var shape: [Int] = []
        for axis in try axes(of: input) {
            guard let size = input[axis] else {
                throw GraphError(.shape, "a dimension of \(input) that it norms is not known")
            }
            shape.append(size)
        }
        return roles.map { WeightSpecification($0, shape) }
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        _ = try axes(of: input)
        return [input]
    }

    package var memory: LayerMemory { .inPlace }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .normalizing(outputs.first, axis: axes.first ?? -1)
    }

    package func bind(_ channels: inout ChannelBinder) {
        guard let input = channels.call.inputs.first, let axes = try? axes(of: input) else {
            return
        }
        for (index, axis) in axes.enumerated() {
            guard let labels = channels.inputs[0].axes[axis] else { continue }
            channels.protect(labels, .mixedChannels)
            for role in roles { channels.attach(role, axis: index, .follows, labels) }
        }
        channels.passThrough()
    }
}
