/// `PReLU`, a ReLU whose negative slope is learnt, for each element of a sample or shared along some axes.
package struct ParametricReLU: LayerDefinition {
    package static let classNames = ["PReLU"]

    /// Axes along which all share a slope, counted with the batch as 0.
    package var sharedAxes: [Int]

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        sharedAxes = try configuration.axes("shared_axes", default: [])
    }

    private func alphaShape(_ input: Shape) throws(GraphError) -> [Int] {
        let shared = sharedAxes.compactMap { input.axis($0) }
        var shape: [Int] = []
        for axis in input.dimensions.indices.dropFirst() {
            guard let size = shared.contains(axis) ? 1 : input[axis] else {
                throw GraphError(
                    .shape, "a dimension of \(input) without a shared slope is not known")
            }
            shape.append(size)
        }
        return shape
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        [WeightSpecification("alpha", try alphaShape(try call.firstInput()))]
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [try call.firstInput()]
    }

    package var memory: LayerMemory { .inPlace }

    package func bind(_ channels: inout ChannelBinder) {
        guard let input = channels.call.inputs.first else { return }
        let shared = sharedAxes.compactMap { input.axis($0) }
        for (axis, labels) in channels.inputs[0].axes.sorted(by: { $0.key < $1.key })
        where !shared.contains(axis) {
            channels.attach("alpha", axis: axis - 1, .follows, labels)
        }
        channels.passThrough()
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let alpha = call.weights.first(where: { $0.role == "alpha" }) else {
            return call.unknown
        }
        let (values, shape) = (alpha.floats(), alpha.shape)
        return call.passing { channel, emission in
            guard case .constant(let value, let edge) = emission, let axis = call.inputs[0].axis,
                shape.indices.contains(axis - 1)
            else { return .unknown }
            let slopes = slopes(of: channel, axis: axis - 1, values, shape)
            guard let first = slopes.first else { return .unknown }
            let steepest = slopes.reduce(1) { max($0, abs($1)) }
            if value >= 0 { return .constant(value, edge: edge * steepest) }
            guard slopes.allSatisfy({ $0 == first }) else { return .unknown }
            return .constant(value * first, edge: edge * steepest)
        }
    }

    /// The slopes that one channel meets.
    private func slopes(of channel: Int, axis: Int, _ values: [Float], _ shape: [Int]) -> [Float] {
        guard shape[axis] > 1 else { return values }
        let inner = shape[(axis + 1)...].saturatingProduct
        return values.indices.filter { $0 / inner % shape[axis] == channel }.map { values[$0] }
    }
}
