import OrderedJSON

/// `Mean`, `Sum`, `Max` and their kind over some axes, as operations in a graph.
package struct ReductionOperation: LayerDefinition {
    package static let classNames = [
        "Mean", "Sum", "Max", "Min", "Prod", "Var", "Std", "Any", "All",
    ].map { "operation:" + $0 }

    /// Keras's name of the operation: `Mean`.
    package var name: String
    package var settings: OperationSettings

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        name = String(configuration.className.dropFirst("operation:".count))
        settings = OperationSettings(configuration: configuration.json)
    }

    /// The axes that are reduced, ascending.
    package func axes(of call: LayerCall) throws(GraphError) -> [Int] {
        let input = try call.firstInput()
        guard let stored = settings.value(["axis"], position: 1, in: call) else {
            return Array(input.dimensions.indices)
        }
        var axes: [Int] = []
        for number in stored.array ?? [stored] {
            guard let axis = number.integer.flatMap({ input.axis($0) }) else {
                throw GraphError(
                    .configuration,
                    "'axis' \(stored.text().prefix(60)) is not of \(input.dimensionsText)")
            }
            axes.append(axis)
        }
        return axes.sorted()
    }

    /// Whether the reduced axes stay, with size 1.
    package func keepsAxes(_ call: LayerCall) -> Bool {
        settings.value(["keepdims"], in: call)?.bool ?? false
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        let axes = try axes(of: call)
        let keeps = keepsAxes(call)
        return [
            Shape(
                input.dimensions.enumerated().compactMap { axis, size -> Int?? in
                    guard axes.contains(axis) else { return .some(size) }
                    return keeps ? .some(1) : nil
                })
        ]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let input = call.inputs.first?.sampleElementCount,
            let output = outputs.first?.sampleElementCount, output > 0
        else { return nil }
        return LayerWork(
            kind: .pooling, positions: 1, kernel: [input / output], strides: [1],
            inputChannels: output, outputChannels: output, groups: output, multiplyAdds: 0)
    }

    package func bind(_ channels: inout ChannelBinder) {
        guard let axes = try? axes(of: channels.call), let rank = channels.call.inputs.first?.rank
        else { return channels.protect(input: 0, .mixedChannels) }
        channels.protectOthers(
            than: (0..<rank).filter { !axes.contains($0) }, .mixedChannels)
        guard !axes.contains(0) else { return channels.protect(input: 0, .mixedChannels) }
        channels.outputs[0] = move(channels.inputs[0], axes, keeps: keepsAxes(channels.call))
    }

    private func move(_ tensor: TensorChannels, _ axes: [Int], keeps: Bool) -> TensorChannels {
        var moved: [Int: ChannelLabels] = [:]
        for (axis, labels) in tensor.axes where !axes.contains(axis) {
            moved[keeps ? axis : axis - axes.count(where: { $0 < axis })] = labels
        }
        return TensorChannels(moved)
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let axes = try? axes(of: call.call), let input = call.call.inputs.first else {
            return call.unknown
        }
        let keeps = keepsAxes(call.call)
        let moved = call.emitting(rearranged: { move($0, axes, keeps: keeps) })
        switch name {
        case "Mean", "Max", "Min": return moved
        case "Sum":
            let sizes = axes.compactMap { input[$0] }
            guard sizes.count == axes.count else { return call.unknown }
            return moved.map { emission in
                emission.map { $1.scaled(by: Float(sizes.saturatingProduct)) }
            }
        default: return call.unknown
        }
    }
}
