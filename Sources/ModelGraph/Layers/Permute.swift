/// `Permute`, the axes of a sample in another order.
package struct Permute: LayerDefinition {
    package static let classNames = ["Permute"]

    /// For each new axis the old one, counted from 1; the batch is not among them.
    package var order: [Int]

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        order = try configuration.integers("dims")
        guard order.sorted() == Array(1..<order.count + 1) else {
            throw configuration.failure("dims", "each axis from 1 once")
        }
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        guard input.rank == order.count + 1 else {
            throw GraphError(
                .shape, "orders \(order.count) axes, is given \(input.dimensionsText)")
        }
        return [Shape([input[0]] + order.map { input[$0] })]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .moving(outputs.first)
    }

    package func bind(_ channels: inout ChannelBinder) {
        channels.rearrange { $0.transposed([0] + order) }
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.emitting(rearranged: { $0.transposed([0] + order) })
    }
}
