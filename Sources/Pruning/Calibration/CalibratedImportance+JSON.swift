package import OrderedJSON

extension CalibratedImportance {
    /// The stored form.
    package var json: JSON {
        [
            "samples": .integer(samples),
            "groups": .array(groups.map(\.json)),
        ]
    }

    /// Reads the stored form.
    ///
    /// - Throws: ``PruningError`` with the key that is missing or wrong.
    package init(json: JSON) throws(PruningError) {
        guard let samples = json["samples"]?.integer, samples > 0 else {
            throw PruningError(.plan, at: "samples", "must be a whole number above 0")
        }
        guard let groups = json["groups"]?.array else {
            throw PruningError(.plan, at: "groups", "must be a list")
        }
        self.samples = samples
        self.groups = []
        for (index, group) in groups.enumerated() {
            guard let group = Group(json: group) else {
                throw PruningError(.plan, at: "groups[\(index)]", "is damaged")
            }
            self.groups.append(group)
        }
    }

    /// Whether the numbers are about the groups of a model.
    package func fits(_ model: PrunableModel) -> Bool {
        groups.count == model.groups.groups.count
            && zip(groups, model.groups.groups).allSatisfy {
                $0.name == $1.name && $0.size == $1.size
            }
    }
}

extension CalibratedImportance.Group {
    fileprivate var json: JSON {
        [
            "name": .string(name), "size": .integer(size),
            "order": .array(order.map { .integer($0) }),
            "losses": .array(losses.map { .real($0) }),
            "activations": .array(activations.map { .real($0) }),
            "measured": .array(
                measured.map {
                    ["width": .integer($0.width), "divergence": .real($0.divergence)]
                }),
        ]
    }

    /// nil if something is missing or cannot be.
    fileprivate init?(json: JSON) {
        guard let name = json["name"]?.string, let size = json["size"]?.integer, size >= 0,
            let order = json["order"]?.array?.compactMap(\.integer),
            let losses = json["losses"]?.array?.compactMap(\.double),
            let activations = json["activations"]?.array?.compactMap(\.double),
            let points = json["measured"]?.array
        else { return nil }
        guard Set(order).count == order.count, order.allSatisfy((0..<size).contains),
            losses.count == order.count + 1, activations.count == size,
            (losses + activations).allSatisfy(\.isFinite)
        else { return nil }
        self.init(
            name: name, size: size, order: order, losses: losses, measured: [],
            activations: activations)
        for point in points {
            guard let width = point["width"]?.integer, (0..<size).contains(width),
                let divergence = point["divergence"]?.double, divergence.isFinite,
                width < measured.last?.width ?? size
            else { return nil }
            measured.append(CalibratedImportance.Point(width: width, divergence: divergence))
        }
    }
}
