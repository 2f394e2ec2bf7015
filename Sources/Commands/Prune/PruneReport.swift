import Contexts
import KerasFormat
import ModelGraph
import OrderedJSON
import Planning
import Pruning
import VariantStore

/// What `prune` tells programs.
enum PruneReport {
    static func json(
        _ workshop: Workshop, _ reports: [VariantReport], warnings: [String]
    ) -> JSON {
        [
            "model": .string(workshop.base.graph.name),
            "file": .string(workshop.base.file),
            "warnings": .array(warnings.map { .string($0) }),
            "notes": .array(workshop.base.notes.map { .string("\($0)") }),
            "variants": .array(reports.map(\.json)),
        ]
    }
}

extension VariantReport {
    var json: JSON {
        var json: JSON = [
            "profile": .string(context.profile.name),
            "feasible": .bool(isFeasible),
            "written": .bool(isWritten),
            "file": delivery == .file ? .string(destination) : .null,
            "manifest": delivery == .file
                ? .string(destination + VariantManifest.fileSuffix) : .null,
            "failure": failure.map { .string($0) } ?? .null,
            "before": plan.base.json,
            "after": plan.costs.json,
            "budget": .array(plan.lines.map(\.json)),
            "latency-sources": latencySources?.json ?? .null,
            "importance-kept": .real(plan.importanceKept),
            "rounds": .integer(plan.rounds),
            "channel-groups": .array(plan.groups.map(\.json)),
            "folds": .array(folds.map(\.json)),
            "plan": plan.pruning.json,
            "seconds": .real(seconds),
            "timings-ms": timings.json,
        ]
        if case .version(let version, let isNew) = delivery {
            json["version"] = [
                "reference": .string(version.text), "digest": .string(version.digest.text),
                "new": .bool(isNew),
            ]
        }
        if case .infeasible(let infeasibility) = result {
            json["binding"] = .string(infeasibility.binding.rawValue)
        }
        if let proof { json["proof"] = proof.record.json }
        json["recovery"] = recoveryJSON
        if let plain {
            var scores: JSON = ["agreement": plain.agreement.json]
            scores["accuracy"] = plain.accuracy?.json
            json["plain-magnitude"] = scores
        }
        json["accuracy"] = scores?.accuracy?.json
        json["agreement"] = scores?.agreement.json
        if let latency {
            json["measured-inference"] = [
                "before": latency.before.json, "after": latency.after.json,
            ]
        }
        return json
    }

    private var recoveryJSON: JSON? {
        if !fits.isEmpty {
            return ["kind": "reconstruction", "layers": .array(fits.map(\.json))]
        }
        guard !merges.isEmpty else { return nil }
        return ["kind": "data-free", "layers": .array(merges.map(\.json))]
    }

    private var isFeasible: Bool {
        if case .plan = result { true } else { false }
    }
}

extension LayerFit {
    var json: JSON {
        [
            "layer": .string(layer), "rows": .integer(rows),
            "ridge": ridge.map { .real($0) } ?? .null, "error-before": .real(errorBefore),
            "error-after": .real(errorAfter),
        ]
    }
}

extension DataFreeReport {
    var json: JSON {
        [
            "layer": .string(layer), "removed-channels": .integer(removedChannels),
            "error-before": .real(Double(errorOfMeans)), "error-after": .real(Double(error)),
        ]
    }
}

extension Costs {
    var json: JSON {
        [
            "file-bytes": .integer(fileBytes),
            "load-ms": loadMs.map { .real($0) } ?? .null,
            "inference-ms": inferenceMs.map { .real($0) } ?? .null,
            "peak-memory-bytes": .integer(peakMemoryBytes),
            "multiply-adds": .integer(multiplyAdds),
            "parameters": .integer(parameters),
            "weight-sparsity": .real(weightSparsity),
        ]
    }
}

extension BudgetLine {
    var json: JSON {
        [
            "line": .string(key.rawValue), "limit": .real(limit),
            "before": before.map { .real($0) } ?? .null, "after": after.map { .real($0) } ?? .null,
            "met": isMet.map { .bool($0) } ?? .null,
        ]
    }
}

extension GroupChange {
    var json: JSON {
        [
            "name": .string(name), "units-before": .integer(before), "units-after": .integer(after),
            "channels-per-unit": .integer(channelsPerUnit),
            "importance-kept": .real(importanceKept), "fewest": .integer(fewest),
            "protected": .array(
                reasons.map {
                    [
                        "units": .integer($0.units), "reason": .string($0.reason),
                        "why": .string($0.description),
                    ]
                }),
        ]
    }
}

extension FoldReport {
    var json: JSON {
        [
            "layer": .string(layer), "into": place.map { .string($0) } ?? .null,
            "largest-shift": .real(Double(largestShift)),
            "largest-edge": .real(Double(largestEdge)),
            "exact": .bool(isExact),
        ]
    }
}
