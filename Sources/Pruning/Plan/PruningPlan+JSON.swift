import OrderedCollections
package import OrderedJSON

extension PruningPlan {
    /// The stored form: keys in kebab-case, kept units as ranges.
    package var json: JSON {
        var json: JSON = [
            "schema": .integer(PruningPlan.schema),
            "model": ["name": .string(model), "fingerprint": .string(fingerprint.description)],
            "criterion": .string(criterion),
        ]
        var channels: JSON = [:]
        for group in groups {
            channels[group.group] = [
                "size": .integer(group.size), "kept": .integer(group.kept.count),
                "keep": .string(UnitRanges.text(group.kept)),
            ]
        }
        json["channel-groups"] = channels
        json["weights"] = sparsity.map(\.json)
        return json
    }

    /// The stored form as text, one group a line.
    package var text: String { json.text(indent: 2) + "\n" }

    /// Reads the stored form.
    ///
    /// - Throws: ``PruningError`` naming the key that is missing, unknown or out of range.
    package init(json: JSON) throws(PruningError) {
        let reader = PlanReader(json: json, key: "")
        try reader.allow(["schema", "model", "criterion", "channel-groups", "weights"])
        let schema = try reader.integer("schema")
        guard schema == PruningPlan.schema else {
            throw PruningError(
                .plan, at: "schema",
                schema > PruningPlan.schema
                    ? "a plan of schema \(schema) was made by a later Espalier; this one reads schema "
                        + "\(PruningPlan.schema), so use a newer one"
                    : "a plan of schema \(schema) is not read any more; plan again to make one of schema "
                        + "\(PruningPlan.schema)")
        }
        let model = try reader.member("model")
        try model.allow(["name", "fingerprint"])
        self.init(
            model: try model.string("name"),
            fingerprint: ModelFingerprint(description: try model.string("fingerprint")),
            criterion: try reader.string("criterion"))
        let channels = try reader.member("channel-groups")
        for name in try channels.keys() { groups.append(try GroupPlan(channels, name: name)) }
        if let weights = json["weights"], weights != .null {
            sparsity = try WeightSparsity(PlanReader(json: weights, key: "weights"))
        }
    }

    /// Reads the stored form from text.
    package init(parsing text: some Sequence<UInt8>) throws(PruningError) {
        let json: JSON
        do { json = try JSON(parsing: text) } catch {
            throw PruningError(.plan, "the plan is not JSON: \(error)")
        }
        try self.init(json: json)
    }
}

extension GroupPlan {
    /// No layer has so many channels; bounds what a hostile plan can make us allocate.
    private static let largest = 1 << 24

    fileprivate init(_ channels: PlanReader, name: String) throws(PruningError) {
        let reader = try channels.member(name)
        try reader.allow(["size", "kept", "keep"])
        let size = try reader.integer("size", in: 1...GroupPlan.largest)
        let ranges = try reader.string("keep")
        guard let kept = UnitRanges.units(ranges, limit: size) else {
            throw reader.failure(
                "keep", "must be ascending unit ranges below \(size), as '0-12,14'")
        }
        self.init(group: name, size: size, kept: kept)
        if reader.json["kept"] != nil {
            let count = try reader.integer("kept", in: 0...size)
            guard count == kept.count else {
                throw reader.failure("kept", "says \(count), but 'keep' lists \(kept.count) units")
            }
        }
    }
}

extension WeightSparsity {
    fileprivate var json: JSON {
        var json: JSON = ["scope": .string(scope.rawValue)]
        json["zeros"] = zeros.map { .integer($0) }
        guard !kernels.isEmpty else { return json }
        var members: JSON = [:]
        for kernel in kernels {
            switch kernel.sparsity {
            case .zeros(let count): members[kernel.kernel] = ["zeros": .integer(count)]
            case .pattern(let pattern):
                members[kernel.kernel] = ["pattern": .string(pattern.description)]
            }
        }
        json["kernels"] = members
        return json
    }

    fileprivate init(_ reader: PlanReader) throws(PruningError) {
        try reader.allow(["scope", "zeros", "kernels"])
        guard let scope = Scope(rawValue: try reader.string("scope")) else {
            throw reader.failure("scope", "must be 'global' or 'layer'")
        }
        self.init(scope: scope, kernels: [])
        if reader.json["zeros"] != nil {
            guard scope == .global else {
                throw reader.failure("zeros", "goes with the scope 'global' only")
            }
            zeros = try reader.integer("zeros", in: 0...Int.max)
        }
        guard reader.json["kernels"] != nil else {
            guard zeros != nil else { throw reader.failure("kernels", "is missing") }
            return
        }
        let members = try reader.member("kernels")
        for name in try members.keys() {
            let kernel = try members.member(name)
            try kernel.allow(["zeros", "pattern"])
            if kernel.json["pattern"] != nil {
                guard kernel.json["zeros"] == nil,
                    let pattern = SparsityPattern(try kernel.string("pattern"))
                else {
                    throw kernel.failure("pattern", "must be a pattern as '2:4', without 'zeros'")
                }
                kernels.append(KernelPlan(kernel: name, sparsity: .pattern(pattern)))
            } else {
                let zeros = try kernel.integer("zeros", in: 0...Int.max)
                kernels.append(KernelPlan(kernel: name, sparsity: .zeros(zeros)))
            }
        }
    }
}

/// Reads an object of a plan with errors that name the key.
private struct PlanReader {
    let json: JSON
    /// The keys on the way here, joined by `.`.
    let key: String

    private func path(_ name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }

    func failure(_ name: String, _ reason: String) -> PruningError {
        PruningError(.plan, at: path(name), reason)
    }

    func keys() throws(PruningError) -> [String] {
        guard let object = json.object else {
            throw PruningError(.plan, at: key, "must be an object")
        }
        return Array(object.keys)
    }

    func allow(_ known: [String]) throws(PruningError) {
        for name in try keys() where !known.contains(name) {
            throw failure(name, "is not known here; known are \(known.joined(separator: ", "))")
        }
    }

    func member(_ name: String) throws(PruningError) -> PlanReader {
        guard let member = json[name], member.object != nil else {
            throw failure(name, json[name] == nil ? "is missing" : "must be an object")
        }
        return PlanReader(json: member, key: path(name))
    }

    func string(_ name: String) throws(PruningError) -> String {
        guard let string = json[name]?.string else {
            throw failure(name, json[name] == nil ? "is missing" : "must be a string")
        }
        return string
    }

    func integer(
        _ name: String, in range: ClosedRange<Int> = 0...Int.max
    ) throws(PruningError) -> Int {
        guard let number = json[name]?.integer, range.contains(number) else {
            let reason =
                json[name] == nil
                ? "is missing"
                : range.upperBound == .max
                    ? "must be a whole number of at least \(range.lowerBound)"
                    : "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw failure(name, reason)
        }
        return number
    }
}
