import ModelGraph
import Pruning

/// The lengths of all axes of all weights and tensors as the groups' widths make them.
struct AxisCounts {
    private struct TensorAxis: Hashable {
        var tensor: TensorReference
        var axis: Int
    }

    private var weights: [WeightAxis: ChannelCount] = [:]
    private var tensors: [TensorAxis: ChannelCount] = [:]
    private let model: PrunableModel

    init(_ model: PrunableModel) {
        self.model = model
        for (group, members) in model.groups.groups.enumerated() {
            let units = max(members.size, 1)
            for weight in members.weights {
                let length = model.graph.layers[weight.axis.layer].weight(weight.axis.role)
                    .flatMap {
                        $0.shape.indices.contains(weight.axis.axis)
                            ? $0.shape[weight.axis.axis] : nil
                    }
                weights[weight.axis, default: ChannelCount(fixed: length ?? 0)] += Self.change(
                    group, indices: weight.indices.count, units: units)
            }
            for tensor in members.tensors {
                let key = TensorAxis(tensor: tensor.tensor, axis: tensor.axis)
                let length = model.shapes[tensor.tensor][tensor.axis] ?? 0
                tensors[key, default: ChannelCount(fixed: length)] += Self.change(
                    group, indices: tensor.indices.count, units: units)
            }
        }
    }

    /// Turns channels of a group from a fixed number into one that follows the group's width.
    ///
    /// Where units have different numbers of channels along an axis, each counts as the mean, rounded up.
    private static func change(_ group: Int, indices: Int, units: Int) -> ChannelCount {
        let perUnit = (indices + units - 1) / units
        return ChannelCount(
            fixed: -perUnit * units, terms: [.init(group: group, perUnit: perUnit)])
    }

    /// The lengths of a weight's axes.
    func counts(layer: Int, _ weight: Weight) -> [ChannelCount] {
        weight.shape.enumerated().map { axis, length in
            weights[WeightAxis(layer: layer, role: weight.role, axis: axis)]
                ?? ChannelCount(fixed: length)
        }
    }

    /// The length of a tensor's axis; nil if it is not known.
    func count(_ tensor: TensorReference, axis: Int) -> ChannelCount? {
        if let count = tensors[TensorAxis(tensor: tensor, axis: axis)] { return count }
        return model.shapes[tensor][axis].map { ChannelCount(fixed: $0) }
    }

    /// The axis along which the channels of a tensor stand: the last one that can change, else the last.
    func channelAxis(_ tensor: TensorReference) -> Int {
        let rank = model.shapes[tensor].rank
        let changing = (1..<max(rank, 1)).last { axis in
            tensors[TensorAxis(tensor: tensor, axis: axis)].map { !$0.terms.isEmpty } ?? false
        }
        return changing ?? max(rank - 1, 0)
    }

    /// The channels of a tensor.
    func channels(_ tensor: TensorReference) -> ChannelCount {
        guard model.shapes[tensor].rank > 1 else { return ChannelCount(fixed: 1) }
        return count(tensor, axis: channelAxis(tensor)) ?? ChannelCount(fixed: 1)
    }

    /// The elements of one sample of a tensor; nil if its size is not known.
    ///
    /// Where several axes can change, only the last one is followed and the others count in full.
    func elements(_ tensor: TensorReference) -> ChannelCount? {
        let shape = model.shapes[tensor]
        guard let total = shape.sampleElementCount else { return nil }
        guard shape.rank > 1, let length = shape[channelAxis(tensor)], length > 0 else {
            return ChannelCount(fixed: total)
        }
        return channels(tensor) * (total / length)
    }
}

extension ChannelCount {
    static func + (first: ChannelCount, second: ChannelCount) -> ChannelCount {
        var sum = first
        sum += second
        return sum
    }
}
