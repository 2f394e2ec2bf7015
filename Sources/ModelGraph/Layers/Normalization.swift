import OrderedJSON

/// `Normalization`, which takes a mean off each feature and divides by a deviation, both learnt before training.
///
/// The numbers are weights, or stand in the settings. It is used on a model's inputs; channels that
/// reach it all the same must stay.
package struct Normalization: LayerDefinition {
    package static let classNames = ["Normalization"]

    /// As Keras numbers axes; empty where all features share their numbers.
    package var axes: [Int]
    package var isInverse: Bool
    /// The numbers in the settings; nil where they are weights.
    package var stored: (mean: [Double], variance: [Double])?

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        let isShared = configuration.json["axis"] == .null
        axes = isShared ? [] : try configuration.axes("axis", default: [-1])
        isInverse = try configuration.bool("invert", default: false)
        guard let mean = configuration.json["mean"], mean != .null else { return }
        guard let means = mean.flatNumbers,
            let variances = configuration.json["variance"]?.flatNumbers
        else { throw configuration.failure("mean", "numbers, like 'variance'") }
        stored = (means, variances)
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        guard stored == nil else { return [] }
        let input = try call.firstInput()
        var shape: [Int] = []
        for axis in try axes(of: input) {
            guard let size = input[axis] else {
                throw GraphError(.shape, "a dimension of \(input) along its axes is not known")
            }
            shape.append(size)
        }
        return [
            WeightSpecification("mean", shape), WeightSpecification("variance", shape),
            WeightSpecification("count", []),
        ]
    }

    /// The axes along which the numbers differ, in order.
    package func axes(of input: Shape) throws(GraphError) -> [Int] {
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

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        _ = try axes(of: input)
        return [input]
    }

    package var memory: LayerMemory { .inPlace }

    package func bind(_ channels: inout ChannelBinder) {
        guard let input = channels.call.inputs.first, let axes = try? axes(of: input) else {
            return
        }
        for axis in axes {
            channels.protect(channels.inputs[0].axes[axis, default: []], .fixedPartner)
        }
        channels.passThrough()
    }
}

extension JSON {
    /// All numbers of a number, a list, nested lists, or an array as Keras stores it.
    package var flatNumbers: [Double]? {
        switch self {
        case .number(let number): return [number.double]
        case .array(let elements):
            var numbers: [Double] = []
            for element in elements {
                guard let more = element.flatNumbers else { return nil }
                numbers += more
            }
            return numbers
        case .object:
            guard
                self["class_name"]?.string == "__numpy__"
                    || self["class_name"]?.string == "__tensor__"
            else { return nil }
            return self["config"]?["value"]?.flatNumbers
        default: return nil
        }
    }
}
