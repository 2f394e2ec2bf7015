import OrderedJSON

/// Operations that only give axes other places: transposing, moving, adding and dropping axes of size 1.
package struct AxisOperation: LayerDefinition {
    package static let classNames = [
        "Transpose", "Swapaxes", "Moveaxis", "ExpandDims", "Squeeze",
    ].map { "operation:" + $0 }

    /// Keras's name of the operation: `Transpose`.
    package var name: String
    package var settings: OperationSettings

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        name = String(configuration.className.dropFirst("operation:".count))
        settings = OperationSettings(configuration: configuration.json)
    }

    /// For each axis of the output the one of the input that stands there; nil for a new one of size 1.
    package func order(of call: LayerCall) throws(GraphError) -> [Int?] {
        let input = try call.firstInput()
        guard let order = order(of: call, input) else {
            throw GraphError(
                .configuration, "its axes are not those of \(input.dimensionsText)")
        }
        return order
    }

    private func axes(_ names: [String], _ call: LayerCall, rank: Int) -> [Int]? {
        guard let stored = settings.value(names, position: 1, in: call) else { return [] }
        let numbers = (stored.array ?? [stored]).map(\.integer)
        let shape = Shape(Array(repeating: nil, count: rank))
        let axes = numbers.compactMap { $0.flatMap { shape.axis($0) } }
        return axes.count == numbers.count && Set(axes).count == axes.count ? axes : nil
    }

    private func order(of call: LayerCall, _ input: Shape) -> [Int?]? {
        let all = Array(input.dimensions.indices)
        switch name {
        case "Transpose":
            guard let axes = axes(["axes", "perm"], call, rank: input.rank) else { return nil }
            if axes.isEmpty { return all.reversed() }
            return axes.count == input.rank ? axes : nil
        case "Swapaxes":
            guard let first = axes(["axis1"], call, rank: input.rank)?.first,
                let second = axes(["axis2"], call, rank: input.rank)?.first
            else { return nil }
            var order = all
            order.swapAt(first, second)
            return order
        case "Moveaxis":
            guard let sources = axes(["source"], call, rank: input.rank),
                let places = axes(["destination"], call, rank: input.rank),
                sources.count == places.count
            else { return nil }
            var order = all.filter { !sources.contains($0) }
            for (source, place) in zip(sources, places).sorted(by: { $0.1 < $1.1 }) {
                guard place <= order.count else { return nil }
                order.insert(source, at: place)
            }
            return order
        case "ExpandDims":
            guard let stored = settings.value(["axis"], position: 1, in: call) else { return nil }
            let count = (stored.array ?? [stored]).count
            guard let axes = axes(["axis"], call, rank: input.rank + count) else { return nil }
            var order: [Int?] = all
            for axis in axes.sorted() { order.insert(nil, at: min(axis, order.count)) }
            return order
        default:
            guard let axes = axes(["axis"], call, rank: input.rank) else { return nil }
            let gone = axes.isEmpty ? all.filter { input[$0] == 1 } : axes
            guard gone.allSatisfy({ input[$0] == 1 }) else { return nil }
            return all.filter { !gone.contains($0) }
        }
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        return [Shape(try order(of: call).map { axis in axis.map { input[$0] } ?? 1 })]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        memory == .view ? LayerWork.none : .moving(outputs.first)
    }

    package var memory: LayerMemory { ["ExpandDims", "Squeeze"].contains(name) ? .view : .own }

    package func bind(_ channels: inout ChannelBinder) {
        let order = try? order(of: channels.call)
        channels.rearrange { tensor in order.flatMap { move(tensor, $0) } }
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let order = try? order(of: call.call) else { return call.unknown }
        return call.emitting(rearranged: { move($0, order) })
    }

    /// nil where a labelled axis goes, or the batch moves.
    private func move(_ tensor: TensorChannels, _ order: [Int?]) -> TensorChannels? {
        guard order.first == 0, tensor.axes.keys.allSatisfy({ order.contains($0) }) else {
            return nil
        }
        var moved: [Int: ChannelLabels] = [:]
        for (axis, old) in order.enumerated() { moved[axis] = old.flatMap { tensor.axes[$0] } }
        return TensorChannels(moved)
    }
}
