import OrderedJSON
import RuntimeAdapter

/// What `prune select` prints.
struct SelectReport {
    private let explanation: Explanation
    private let store: String
    private let hasCandidates: Bool

    /// - Parameter hasCandidates: whether every candidate is shown.
    init(_ explanation: Explanation, store: String, hasCandidates: Bool) {
        self.explanation = explanation
        self.store = store
        self.hasCandidates = hasCandidates
    }

    private var selection: Selection { explanation.selection }

    /// What the step means, in words.
    static func words(_ step: Selection.Step) -> String {
        switch step {
        case .fits: "fits"
        case .cached: "nothing fits; the client has this one already"
        case .smaller: "nothing fits; this one is there and done first"
        case .base: "no variant is accurate enough; the base is the best there is"
        case .remote: "nothing may run on the client: answer on the server"
        }
    }

    // MARK: For people

    /// The choice, why, and the candidates if they are asked for.
    var lines: [String] {
        var facts = TextTable([.left, .left])
        facts.add("step", Self.words(selection.step))
        facts.add("reason", "\(selection.reason)")
        facts.add("device", selection.deviceClass.id)
        if let candidate = selection.candidate {
            facts.add("digest", candidate.digest)
            facts.add(
                "file",
                Measure.bytes(candidate.fileBytes)
                    + (selection.copy == .none ? "" : ", \(selection.copy.rawValue)"))
            facts.add("accuracy", candidate.accuracy.map(BudgetText.accuracy) ?? "unknown")
            facts.add("inference", Self.words(selection.inference))
            facts.add("load", Self.words(selection.load))
        }
        let title = selection.candidate?.reference ?? "remote"
        return [title] + facts.lines() + (hasCandidates ? [""] + table.lines(indent: 0) : [])
    }

    private static func words(_ time: PredictedTime?) -> String {
        guard let time else { return "unknown" }
        return
            "\(Measure.milliseconds(time.meanMs)), with its uncertainty \(Measure.milliseconds(time.upperMs))"
    }

    private var table: TextTable {
        var table = TextTable([.left, .right, .right, .right, .right, .left])
        table.add("candidate", "accuracy", "file", "inference", "load", "")
        for row in explanation.assessments {
            let verdict =
                row.candidate.digest == selection.candidate?.digest
                ? ["chosen"] + row.rejections.map(\.description)
                : row.fits ? ["fits"] : row.rejections.map(\.description)
            table.add(
                row.candidate.reference, row.candidate.accuracy.map(BudgetText.accuracy) ?? "–",
                Measure.bytes(row.candidate.fileBytes), Self.short(row.inference),
                Self.short(row.load) + (row.copy == .none ? "" : ", \(row.copy.rawValue)"),
                verdict.joined(separator: "; "))
        }
        return table
    }

    /// The bound that deadlines are held against.
    private static func short(_ time: PredictedTime?) -> String {
        time.map { Measure.milliseconds($0.upperMs) } ?? "–"
    }

    // MARK: For programs

    /// As `docs/schemas/select.schema.json` says.
    var json: JSON {
        [
            "store": .string(store), "step": .string(selection.step.rawValue),
            "reason": .string("\(selection.reason)"),
            "device-class": .string(selection.deviceClass.id),
            "choice": selection.candidate.map { candidate in
                Self.json(
                    candidate, inference: selection.inference, load: selection.load,
                    copy: selection.copy, more: [:])
            } ?? .null,
            "issues": .array(
                selection.issues.map {
                    ["key": .string($0.field.rawValue), "problem": .string($0.description)]
                }),
            "candidates": hasCandidates
                ? .array(
                    explanation.assessments.map {
                        Self.json(
                            $0.candidate, inference: $0.inference, load: $0.load,
                            copy: $0.copy,
                            more: [
                                "fits": .bool($0.fits),
                                "rejections": .texts($0.rejections.map(\.description)),
                            ])
                    }) : .null,
        ]
    }

    private static func json(
        _ candidate: CandidateDescription, inference: PredictedTime?, load: PredictedTime?,
        copy: ClientCopy, more: JSON
    ) -> JSON {
        var json: JSON = [
            "reference": .string(candidate.reference), "kind": .string(candidate.kind.rawValue),
            "digest": .string(candidate.digest), "file-digest": .string(candidate.fileDigest),
            "file-bytes": .integer(candidate.fileBytes),
            "peak-memory-bytes": .integer(candidate.peakMemoryBytes),
            "multiply-adds": .integer(candidate.multiplyAdds),
            "accuracy": .optional(candidate.accuracy), "copy": .string(copy.rawValue),
            "inference-ms": .optional(inference?.meanMs),
            "inference-upper-ms": .optional(inference?.upperMs),
            "load-ms": .optional(load?.meanMs), "load-upper-ms": .optional(load?.upperMs),
        ]
        for key in more.keys { json[key] = more[key] }
        return json
    }
}
