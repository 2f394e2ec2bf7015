import Contexts

/// One gate that a variant does not pass.
enum GateFailure: Sendable, Equatable {
    /// A line of the budget that is not kept, or whose cost is not known.
    case budget(BudgetLine)
    case accuracyFloor(accuracy: Double, floor: Double)
    case accuracyLoss(accuracy: Double, champion: Int, best: Double, allowed: Double)
    case growth(Gates.Growth, cost: Double, champion: Int, best: Double, allowed: Double)
    /// The champion's accuracy was measured on other data.
    case otherData(champion: Int)
    /// A figure is missing: the variant's, or the champion's of that version.
    case unknown(gate: String, of: Int?)
    /// The shrunk network does not equal the masked one.
    case proof
    /// Nobody tried.
    case noProof

    /// The gate as job files and profiles spell it.
    var gate: String {
        switch self {
        case .budget(let line): "budget.\(line.key.rawValue)"
        case .accuracyFloor: "min-accuracy"
        case .accuracyLoss, .otherData: "max-accuracy-loss"
        case .growth(let key, _, _, _, _): key.rawValue
        case .unknown(let gate, _): gate
        case .proof: "proof"
        case .noProof: "require-proof"
        }
    }
}

extension GateFailure: CustomStringConvertible {
    /// What is wrong and by how much, without the variant's name.
    var description: String {
        switch self {
        case .budget(let line):
            return Self.sentence(line)
        case .accuracyFloor(let accuracy, let floor):
            return
                "accuracy \(BudgetText.accuracy(accuracy)) is \(Self.points(floor - accuracy)) below"
                + " the floor, \(BudgetText.accuracy(floor))"
        case .accuracyLoss(let accuracy, let champion, let best, let allowed):
            return
                "accuracy \(BudgetText.accuracy(accuracy)) is \(Self.points(best - accuracy)) below"
                + " that of the champion v\(champion), \(BudgetText.accuracy(best));"
                + " \(Self.points(allowed)) allowed"
        case .growth(let key, let cost, let champion, let best, let allowed):
            let more = best > 0 ? Measure.percent(cost / best - 1) + " more" : "more"
            return
                "\(key.title) \(key.text(cost)) is \(more) than that of the champion v\(champion),"
                + " \(key.text(best)); \(Measure.percent(allowed)) allowed"
        case .otherData(let champion):
            return
                "the accuracy of the champion v\(champion) was measured on other data; tag a version"
                + " that was measured on the data of this job"
        case .unknown(let gate, nil):
            return "\(gate) cannot be told: the variant has no such figure"
        case .unknown(let gate, let champion?):
            return
                "\(gate) cannot be told: the champion v\(champion) has no such figure; tag a version"
                + " that has"
        case .proof:
            return "the shrunk network does not equal the masked one"
        case .noProof:
            return
                "there is no proof that the shrunk network equals the masked one; let proof-inputs be"
                + " at least 1"
        }
    }

    private static func sentence(_ line: BudgetLine) -> String {
        let key = "budget.\(line.key.rawValue)"
        guard let after = line.after else { return "\(key) cannot be told" }
        let relation = line.key.isFloor ? "at least" : "at most"
        return "\(key): \(BudgetText.value(after, line.key)), \(relation)"
            + " \(BudgetText.value(line.limit, line.key)) allowed"
    }

    /// A share as percentage points: `1.30 points`.
    private static func points(_ share: Double) -> String {
        Measure.significant(share * 100) + (share == 0.01 ? " point" : " points")
    }
}

extension Gates.Growth {
    /// The cost in words.
    var title: String {
        switch self {
        case .file: "file"
        case .load: "load"
        case .inference: "inference"
        case .memory: "memory at run time"
        }
    }

    /// A cost with its unit.
    func text(_ cost: Double) -> String {
        switch self {
        case .file, .memory: Measure.bytes(Int(cost))
        case .load, .inference: Measure.milliseconds(cost)
        }
    }
}
