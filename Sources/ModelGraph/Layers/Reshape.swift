package import OrderedJSON

/// `Reshape`, the elements of a sample in another shape; one dimension may be -1, the rest.
package struct Reshape: LayerDefinition {
    package static let classNames = ["Reshape"]

    /// Without the batch; -1 for the rest.
    package var target: [Int]

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        target = try configuration.integers("target_shape", atLeast: -1)
        guard target.count(where: { $0 == -1 }) <= 1 else {
            throw GraphError(.configuration, "'target_shape' has -1 more than once")
        }
    }

    init(target: [Int]) { self.target = target }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        guard input.rank > 0 else { throw GraphError(.shape, "takes a batch, is given a scalar") }
        return [Shape([input[0]] + (try dimensions(of: input)))]
    }

    private func dimensions(of input: Shape) throws(GraphError) -> [Int?] {
        let known = target.filter { $0 != -1 }.saturatingProduct
        guard let count = input.sampleElementCount else {
            guard input.dimensions.dropFirst().contains(nil) else {
                throw GraphError(.shape, "its output is too large")
            }
            return target.map { $0 == -1 ? nil : $0 }
        }
        let fits =
            target.contains(-1) ? known > 0 && count.isMultiple(of: known) : known == count
        guard fits else {
            throw GraphError(.shape, "\(input) cannot be reshaped to \(target)")
        }
        return target.map { $0 == -1 ? count / known : $0 }
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? { LayerWork.none }

    package var memory: LayerMemory { .view }

    package func bind(_ channels: inout ChannelBinder) {
        let (call, shapes) = (channels.call, channels.outputShapes)
        channels.rearrange { $0.reshaped(from: call.inputs[0], to: shapes[0]) }
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.emitting(rearranged: {
            $0.reshaped(from: call.call.inputs[0], to: call.outputShapes[0])
        })
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        guard let output = resized.outputs.first, output.rank == target.count + 1 else {
            return configuration
        }
        var configuration = configuration
        configuration["target_shape"] = .array(
            zip(target, output.dimensions.dropFirst()).map { old, new in
                .integer(old == -1 ? -1 : new ?? old)
            })
        return configuration
    }
}
