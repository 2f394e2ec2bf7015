import OrderedJSON

/// `Split`, a tensor in several parts along an axis; channels along that axis must stay.
package struct SplitOperation: LayerDefinition {
    package static let classNames = ["operation:Split"]

    package var settings: OperationSettings

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        settings = OperationSettings(configuration: configuration.json)
    }

    /// The axis, and the sizes of the parts.
    package func parts(of call: LayerCall) throws(GraphError) -> (axis: Int, sizes: [Int]) {
        let input = try call.firstInput()
        let number = settings.value(["axis"], in: call)?.integer ?? 0
        guard let axis = input.axis(number), let size = input[axis],
            let stored = settings.value(
                ["indices_or_sections", "num_or_size_splits"], position: 1, in: call)
        else { throw GraphError(.unsupported, "its parts are not understood") }
        if let count = stored.integer {
            guard count > 0, count <= size, size.isMultiple(of: count) else {
                throw GraphError(.shape, "\(size) does not divide into \(count) parts")
            }
            return (axis, Array(repeating: size / count, count: count))
        }
        let cuts = (stored.array ?? []).compactMap(\.integer)
        guard cuts.count == stored.array?.count, cuts == cuts.sorted(),
            cuts.allSatisfy((0...size).contains)
        else { throw GraphError(.configuration, "its parts must be places in ascending order") }
        return (axis, zip([0] + cuts, cuts + [size]).map { $1 - $0 })
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let (axis, sizes) = try parts(of: call)
        var shape = try call.firstInput()
        return sizes.map { size in
            shape[axis] = size
            return shape
        }
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .moving(call.inputs.first)
    }

    package func bind(_ channels: inout ChannelBinder) {
        guard let axis = try? parts(of: channels.call).axis,
            let rank = channels.call.inputs.first?.rank
        else { return channels.protect(input: 0, .reshaped) }
        channels.passThrough(axes: (1..<max(rank, 1)).filter { $0 != axis }, otherwise: .reshaped)
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] { call.passing { $1 } }
}
