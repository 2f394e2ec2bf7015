/// One axis of one weight.
package struct WeightAxis: Hashable, Sendable {
    /// Index into ``ModelGraph/layers``.
    package var layer: Int
    package var role: String
    package var axis: Int

    package init(layer: Int, role: String, axis: Int) {
        self.layer = layer
        self.role = role
        self.axis = axis
    }
}

/// What a weight's axis has to do with the channels along it.
package enum WeightAxisUse: String, Hashable, Sendable {
    /// The slice makes the channel: a kernel's output axis.
    case produces
    /// The slice belongs to the channel and goes with it: a bias, a batch-norm scale.
    case follows
    /// The slice reads the channel: a kernel's input axis.
    case consumes
}

/// The channels along one axis of a weight.
package struct WeightAxisChannels: Hashable, Sendable {
    package var use: WeightAxisUse
    package var labels: ChannelLabels
}

/// Which channels of a model belong together: a label for every channel, joined into classes.
///
/// Removing a channel means removing all channels of its class, wherever they stand. Source: the dependency graph of Fang et al.,
/// "DepGraph: Towards Any Structural Pruning", CVPR 2023, kept per channel instead of per layer,
/// so that concatenations, flattening and shuffles need no index arithmetic of their own.
package struct ChannelMap: Sendable {
    /// Union-find over the labels.
    private var parents: [Int32] = []
    private var protections: [Int32: Protection] = [:]
    /// The labels along each axis of each weight that has any.
    package private(set) var weights: [WeightAxis: WeightAxisChannels] = [:]
    /// The labels of every tensor.
    package internal(set) var tensors: [TensorReference: TensorChannels] = [:]

    package init() {}

    package var labelCount: Int { parents.count }

    /// The label that stands for the whole class.
    package func representative(of label: Int32) -> Int32 {
        var label = label
        while parents[Int(label)] != label { label = parents[Int(label)] }
        return label
    }

    /// Why the class must stay; nil if it may go.
    package func protection(of label: Int32) -> Protection? {
        label == ChannelLabels.fixed ? nil : protections[representative(of: label)]
    }

    /// New labels, each a class of its own; fixed ones when labels run out.
    mutating func makeLabels(_ count: Int) -> ChannelLabels {
        guard parents.count.saturatingPlus(count) < Int(Int32.max) else { return .fixed(count) }
        let first = Int32(parents.count)
        let labels = ChannelLabels(first..<first + Int32(count))
        parents.append(contentsOf: labels)
        return labels
    }

    /// Joins two classes; the smaller label stands for both.
    ///
    /// A fixed partner protects the other.
    mutating func join(_ first: Int32, _ second: Int32, at layer: String) {
        guard first != ChannelLabels.fixed, second != ChannelLabels.fixed else {
            let label = max(first, second)
            if label != ChannelLabels.fixed {
                protect(label, Protection(.fixedPartner, layer: layer))
            }
            return
        }
        let (a, b) = (compress(first), compress(second))
        guard a != b else { return }
        let (root, child) = (min(a, b), max(a, b))
        parents[Int(child)] = root
        if let protection = protections.removeValue(forKey: child), protections[root] == nil {
            protections[root] = protection
        }
    }

    /// Keeps a class for the given reason.
    ///
    /// The first reason counts, but that it is an output of the model counts more: no other layer
    /// could change that.
    mutating func protect(_ label: Int32, _ protection: Protection) {
        guard label != ChannelLabels.fixed else { return }
        let root = compress(label)
        guard let known = protections[root] else {
            protections[root] = protection
            return
        }
        let counts = protection.reason == .modelOutput && known.reason != .modelOutput
        if counts { protections[root] = protection }
    }

    mutating func bind(_ axis: WeightAxis, _ use: WeightAxisUse, _ labels: ChannelLabels) {
        weights[axis] = WeightAxisChannels(use: use, labels: labels)
    }

    private mutating func compress(_ label: Int32) -> Int32 {
        let root = representative(of: label)
        var label = label
        while parents[Int(label)] != root {
            (parents[Int(label)], label) = (root, parents[Int(label)])
        }
        return root
    }
}
