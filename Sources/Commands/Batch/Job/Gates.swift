import Contexts
import VariantStore

/// What a variant must keep beside its budget, or the job fails.
struct Gates: Sendable, Equatable {
    /// A cost that may grow against the champion's, as job files spell its gate.
    enum Growth: String, Sendable, CaseIterable {
        case file = "max-file-growth"
        case load = "max-load-growth"
        case inference = "max-inference-growth"
        case memory = "max-memory-growth"
    }

    /// Share of right answers, at least.
    var minAccuracy: Double?
    /// Accuracy lost against the champion, as an absolute share, at most.
    var maxAccuracyLoss: Double?
    /// Growth against the champion, as a share of the champion's cost, at most.
    var growth: [Growth: Double] = [:]
    /// Whether a variant without a proof is refused; one whose proof fails always is.
    var requiresProof = false

    /// Whether a variant is held against the champion.
    var comparesWithChampion: Bool { maxAccuracyLoss != nil || !growth.isEmpty }
}

extension Gates {
    /// Reads the gates in the section at a path.
    init(_ content: DocumentContent, at section: String) {
        minAccuracy = content.number("\(section).min-accuracy")
        maxAccuracyLoss = content.number("\(section).max-accuracy-loss")
        requiresProof = content.flag("\(section).require-proof") ?? false
        for key in Growth.allCases { growth[key] = content.number("\(section).\(key.rawValue)") }
    }

    /// What is wrong with a variant, in the order of the documentation.
    ///
    /// - Parameter champion: the version that is tagged so on the variant's line; nil for none.
    func failures(of figures: VariantFigures, champion: PublishedVariant?) -> [GateFailure] {
        var found = figures.lines.filter { $0.isMet != true }.map { GateFailure.budget($0) }
        if let floor = minAccuracy {
            if let accuracy = figures.accuracy {
                if accuracy.after < floor {
                    found.append(.accuracyFloor(accuracy: accuracy.after, floor: floor))
                }
            } else {
                found.append(.unknown(gate: "min-accuracy", of: nil))
            }
        }
        if let champion { found += losses(of: figures, champion) }
        switch figures.proofHolds {
        case true?: break
        case false?: found.append(.proof)
        case nil: if requiresProof { found.append(.noProof) }
        }
        return found
    }

    private func losses(
        of figures: VariantFigures, _ champion: PublishedVariant
    ) -> [GateFailure] {
        var found: [GateFailure] = []
        if let allowed = maxAccuracyLoss {
            switch (figures.accuracy, champion.figures.accuracy) {
            case (let own?, let best?) where own.dataSHA256 != best.dataSHA256:
                found.append(.otherData(champion: champion.version))
            case (let own?, let best?):
                // The same noise of rounding as in the shares themselves is no loss.
                if best.after - own.after > allowed + 1e-9 {
                    found.append(
                        .accuracyLoss(
                            accuracy: own.after, champion: champion.version, best: best.after,
                            allowed: allowed))
                }
            case (nil, _): found.append(.unknown(gate: "max-accuracy-loss", of: nil))
            case (_, nil):
                found.append(.unknown(gate: "max-accuracy-loss", of: champion.version))
            }
        }
        for key in Growth.allCases {
            guard let allowed = growth[key] else { continue }
            guard let own = key.cost(figures.costs) else {
                found.append(.unknown(gate: key.rawValue, of: nil))
                continue
            }
            guard let best = key.cost(champion.figures.costs) else {
                found.append(.unknown(gate: key.rawValue, of: champion.version))
                continue
            }
            if own > best * (1 + allowed) * (1 + 1e-9) {
                found.append(
                    .growth(
                        key, cost: own, champion: champion.version, best: best, allowed: allowed))
            }
        }
        return found
    }
}

extension Gates.Growth {
    /// The cost that may grow, in bytes or milliseconds; nil where it is not known.
    func cost(_ costs: Costs) -> Double? {
        switch self {
        case .file: Double(costs.fileBytes)
        case .load: costs.loadMs
        case .inference: costs.inferenceMs
        case .memory: Double(costs.peakMemoryBytes)
        }
    }
}
