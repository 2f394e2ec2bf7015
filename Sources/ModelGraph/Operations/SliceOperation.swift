import OrderedJSON

/// `x[:, 1:, ::2]`: parts of a tensor.
///
/// Channels run through along axes that are taken whole; where some are cut out by their
/// numbers, they must stay, for the numbers stand in the graph.
package struct SliceOperation: LayerDefinition {
    package static let classNames = ["operation:GetItem"]

    /// What is taken along one axis.
    package enum Part: Hashable, Sendable {
        case all
        /// Places from `start` on, `count` of them (nil if unknown), `step` apart.
        case range(start: Int, count: Int?, step: Int)
        /// One place, whose axis goes.
        case index(Int)
        /// A new axis of size 1.
        case new
    }

    package init(_ configuration: LayerConfiguration) {}

    /// What is taken, axis by axis of the input, with new ones between.
    package func parts(of call: LayerCall) throws(GraphError) -> [Part] {
        let input = try call.firstInput()
        let key = call.argument(1, ["key", "slice_spec"])?.json
        guard let key else { throw GraphError(.unsupported, "its slice is not understood") }
        let items = key.array ?? [key]
        func isEllipsis(_ item: JSON) -> Bool {
            item["class_name"]?.string == "__ellipsis__" || item.string == "..."
        }
        let taken = items.count { !isEllipsis($0) && $0 != .null }
        guard taken <= input.rank, items.count(where: isEllipsis) <= 1 else {
            throw GraphError(.shape, "slices more axes than \(input.dimensionsText) has")
        }
        var parts: [Part] = []
        var axis = 0
        for item in items {
            if isEllipsis(item) {
                parts += Array(repeating: .all, count: input.rank - taken)
                axis += input.rank - taken
            } else if item == .null {
                parts.append(.new)
            } else {
                parts.append(try part(item, size: input[axis]))
                axis += 1
            }
        }
        return parts + Array(repeating: .all, count: input.rank - axis)
    }

    private func part(_ item: JSON, size: Int?) throws(GraphError) -> Part {
        if let index = item.integer {
            guard let size else { return .index(index) }
            guard (-size..<size).contains(index) else {
                throw GraphError(.shape, "takes place \(index) of \(size)")
            }
            return .index(index < 0 ? index + size : index)
        }
        guard item.object != nil else {
            throw GraphError(.unsupported, "its slice is not understood")
        }
        let slice = item["config"] ?? item
        let (start, stop) = (slice["start"]?.integer, slice["stop"]?.integer)
        let step = slice["step"]?.integer ?? 1
        guard step > 0, step <= LayerConfiguration.largest else {
            throw GraphError(.unsupported, "slices backwards")
        }
        guard let size else {
            if start ?? 0 == 0, stop == nil, step == 1 { return .all }
            return .range(start: start ?? 0, count: nil, step: step)
        }
        func bounded(_ number: Int?, _ fallback: Int) -> Int {
            guard let number else { return fallback }
            if number < -size { return 0 }
            return min(number < 0 ? number + size : number, size)
        }
        let (first, last) = (bounded(start, 0), bounded(stop, size))
        if first == 0, last == size, step == 1 { return .all }
        return .range(start: first, count: max(0, (last - first + step - 1) / step), step: step)
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        var (axis, dimensions) = (0, [Int?]())
        for part in try parts(of: call) {
            switch part {
            case .new: dimensions.append(1)
            case .all:
                dimensions.append(input[axis])
                axis += 1
            case .range(_, let count, _):
                dimensions.append(count)
                axis += 1
            case .index: axis += 1
            }
        }
        return [Shape(dimensions)]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .moving(outputs.first)
    }

    package func bind(_ channels: inout ChannelBinder) {
        guard let moved = places(channels.call) else {
            return channels.protect(input: 0, .reshaped)
        }
        channels.protectOthers(than: Array(moved.keys), .reshaped)
        for (axis, place) in moved {
            if let labels = channels.inputs[0].axes[axis] {
                channels.outputs[0].axes[place] = labels
            }
        }
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let moved = places(call.call) else { return call.unknown }
        return call.emitting(rearranged: { tensor in
            var axes: [Int: ChannelLabels] = [:]
            for (axis, labels) in tensor.axes {
                guard let place = moved[axis] else { return nil }
                axes[place] = labels
            }
            return TensorChannels(axes)
        })
    }

    /// Where the axes that are taken whole stand in the output; nil if the batch is cut.
    private func places(_ call: LayerCall) -> [Int: Int]? {
        guard let parts = try? parts(of: call), parts.first == .all else { return nil }
        var (axis, place) = (0, 0)
        var places: [Int: Int] = [:]
        for part in parts {
            if part == .all { places[axis] = place }
            if case .index = part {} else { place += 1 }
            if part != .new { axis += 1 }
        }
        return places
    }
}
