/// The channels along one axis: for each index the label of the channel that stands there.
///
/// Labels that must go together are joined in ``ChannelMap``. ``ChannelLabels/fixed`` stands where nothing can be removed.
package typealias ChannelLabels = [Int32]

extension ChannelLabels {
    /// The label of an index that cannot be removed.
    package static var fixed: Int32 { -1 }

    /// `count` indices none of which can be removed.
    package static func fixed(_ count: Int) -> ChannelLabels {
        ChannelLabels(repeating: fixed, count: count)
    }
}

/// The channels of a tensor: labels of each axis that has some.
///
/// An axis without is fixed.
package struct TensorChannels: Hashable, Sendable {
    /// Labels by axis (axis 0 is the batch, and never has any).
    package var axes: [Int: ChannelLabels]

    package init(_ axes: [Int: ChannelLabels] = [:]) { self.axes = axes }
}

extension TensorChannels {
    /// The largest tensor whose channels are followed element by element.
    static let largestReshape = 1 << 26

    /// The channels behind a row-major reshape; axis 0 stays what it is.
    ///
    /// - Returns: nil where a labelled axis is spread so that its channels are no longer whole
    ///   slices, or where a dimension that matters is unknown.
    package func reshaped(from old: Shape, to new: Shape) -> TensorChannels? {
        if axes.isEmpty { return TensorChannels() }
        guard let from = Array(whole: old), let to = Array(whole: new) else {
            return reshapedAroundUnknown(from: old, to: new)
        }
        guard from.saturatingProduct == to.saturatingProduct,
            from.saturatingProduct <= TensorChannels.largestReshape
        else { return nil }
        var result: [Int: ChannelLabels] = [:]
        var (first, firstNew) = (0, 0)
        while first < from.count || firstNew < to.count {
            // The shortest runs of axes with the same number of elements on both sides.
            var (last, lastNew) = (first, firstNew)
            var (count, countNew) = (1, 1)
            repeat {
                if count <= countNew, last < from.count {
                    count *= from[last]
                    last += 1
                } else if lastNew < to.count {
                    countNew *= to[lastNew]
                    lastNew += 1
                } else {
                    count *= from[last]
                    last += 1
                }
            } while count != countNew
            let labelled = (first..<last).filter { axes[$0 + 1] != nil }
            if let axis = labelled.first {
                guard labelled.count == 1, let labels = axes[axis + 1] else { return nil }
                let inner = from[(axis + 1)..<last].reduce(1, *)
                let outer = from[first..<axis].reduce(1, *)
                let flat = ChannelLabels.spread(labels, inner: inner, outer: outer)
                guard let cut = ChannelLabels.gathered(flat, over: Array(to[firstNew..<lastNew]))
                else { return nil }
                if let cut { result[firstNew + cut.axis + 1] = cut.labels }
            }
            (first, firstNew) = (last, lastNew)
        }
        return TensorChannels(result)
    }

    /// The channels behind a reshape that leaves the last axes alone, where sizes before them are unknown.
    private func reshapedAroundUnknown(from old: Shape, to new: Shape) -> TensorChannels? {
        var kept = 0
        while kept < min(old.rank, new.rank) - 1,
            let size = old[old.rank - 1 - kept], size == new[new.rank - 1 - kept]
        {
            kept += 1
        }
        var moved: [Int: ChannelLabels] = [:]
        for (axis, labels) in axes {
            guard axis >= old.rank - kept else { return nil }
            moved[axis + new.rank - old.rank] = labels
        }
        return TensorChannels(moved)
    }
}

extension ChannelLabels {
    /// The label of each element when `labels` is the axis between `outer` and `inner` others.
    fileprivate static func spread(_ labels: ChannelLabels, inner: Int, outer: Int) -> ChannelLabels
    {
        var flat = ChannelLabels()
        flat.reserveCapacity(labels.count * inner * outer)
        for _ in 0..<outer {
            for label in labels { flat.append(contentsOf: repeatElement(label, count: inner)) }
        }
        return flat
    }

    /// The one axis of `shape` along which the labels of the elements change.
    ///
    /// - Returns: nil if there is no such axis; an inner nil if nothing is labelled.
    fileprivate static func gathered(
        _ flat: ChannelLabels, over shape: [Int]
    ) -> (axis: Int, labels: ChannelLabels)?? {
        if flat.allSatisfy({ $0 == fixed }) { return .some(nil) }
        for axis in shape.indices.reversed() {
            let inner = shape[(axis + 1)...].reduce(1, *)
            let size = shape[axis]
            let labels = (0..<size).map { flat[$0 * inner] }
            let fits = flat.indices.allSatisfy { flat[$0] == labels[($0 / inner) % size] }
            if fits { return (axis, labels) }
        }
        return nil
    }
}

extension [Int] {
    /// The dimensions behind the batch, if all are known and none is 0.
    fileprivate init?(whole shape: Shape) {
        var dimensions: [Int] = []
        for dimension in shape.dimensions.dropFirst() {
            guard let dimension, dimension > 0 else { return nil }
            dimensions.append(dimension)
        }
        self = dimensions
    }
}
