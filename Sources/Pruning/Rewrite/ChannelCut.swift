import ModelGraph

/// Which channels a plan removes, as seen from any axis.
struct ChannelCut: Sendable {
    /// By label.
    let removed: [Bool]

    /// - Precondition: the plan is valid for the model.
    init(_ plans: [GroupPlan], of model: PrunableModel) {
        var kept = model.groups.groups.map { [Bool](repeating: true, count: $0.size) }
        var numbers: [String: Int] = [:]
        for (number, group) in model.groups.groups.enumerated() { numbers[group.name] = number }
        for plan in plans {
            guard let group = numbers[plan.group] else { continue }
            kept[group] = Array(repeating: false, count: plan.size)
            for unit in plan.kept { kept[group][unit] = true }
        }
        removed = model.groups.places.map { place in
            place.group >= 0 && !kept[Int(place.group)][Int(place.unit)]
        }
    }

    func removes(_ label: Int32) -> Bool {
        label != ChannelLabels.fixed && removed[Int(label)]
    }

    /// The removed indices along an axis; nil if all stay.
    func removed(_ labels: ChannelLabels) -> [Bool]? {
        let flags = labels.map { removes($0) }
        return flags.contains(true) ? flags : nil
    }

    /// The indices along an axis that stay; nil if all do.
    func kept(_ labels: ChannelLabels) -> [Int32]? {
        guard labels.contains(where: { removes($0) }) else { return nil }
        return labels.indices.lazy.filter { !removes(labels[$0]) }.map { Int32($0) }
    }

    /// The labelled axes of a tensor that lose channels, ascending.
    func removed(_ channels: TensorChannels?) -> [(axis: Int, removed: [Bool])] {
        (channels?.axes ?? [:]).sorted { $0.key < $1.key }.compactMap { axis, labels in
            removed(labels).map { (axis, $0) }
        }
    }

    /// The shape of a tensor without the removed channels.
    func shape(_ shape: Shape, channels: TensorChannels?) -> Shape {
        var shape = shape
        for (axis, labels) in channels?.axes ?? [:] {
            if let kept = kept(labels) { shape[axis] = kept.count }
        }
        return shape
    }
}
