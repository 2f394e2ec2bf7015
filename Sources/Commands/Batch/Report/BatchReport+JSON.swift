import Contexts
import OrderedJSON

extension BatchReport {
    /// For programs.
    var json: JSON {
        var counts: JSON = [:]
        for (word, count) in self.counts { counts[word] = .integer(count) }
        return [
            "job": .string(job.name), "file": .string(job.path), "store": .string(store),
            "shard": ["index": .integer(shard.index), "count": .integer(shard.count)],
            "dry-run": .bool(isDryRun),
            "limits": [
                "threads": .integer(limits.threads), "memory-bytes": .integer(limits.memoryBytes),
            ],
            "models": .array(models.map(\.json)), "tasks": .array(results.map(\.json)),
            "counts": counts, "status": .integer(Int(status.rawValue)), "seconds": .real(seconds),
        ]
    }
}

extension ModelResult {
    fileprivate var json: JSON {
        [
            "name": .string(name), "file": .string(file),
            "warnings": .array(warnings.map { .string($0) }),
            "failure": failure.map { .string($0.message) } ?? .null,
            "opening-seconds": .real(openingSeconds), "seconds": .real(seconds),
        ]
    }
}

extension TaskResult {
    fileprivate var json: JSON {
        [
            "number": .integer(task.number), "line": .string(task.line),
            "model": .string(task.model.name), "profile": .string(task.context.profile.name),
            "profile-file": .string(task.profilePath),
            "setting": task.setting.map { .string($0) } ?? .null,
            "outcome": .string(word),
            "published": published?.json ?? .null,
            "figures": figures?.json ?? .null,
            "champion": champion?.json(withFigures: true) ?? .null,
            "gates": .array(
                gates.map { ["gate": .string($0.gate), "finding": .string("\($0)")] }),
            "failure": failure.map { .string($0) } ?? .null,
            "status": .integer(Int(status.rawValue)), "seconds": .real(seconds),
        ]
    }
}

extension PublishedVariant {
    fileprivate var json: JSON { json(withFigures: false) }

    fileprivate func json(withFigures: Bool) -> JSON {
        var json: JSON = [
            "reference": .string(reference), "version": .integer(version),
            "digest": .string(digest),
        ]
        if withFigures { json["figures"] = figures.json }
        return json
    }
}

extension VariantFigures {
    /// For programs; the keys of the other commands.
    var json: JSON {
        [
            "before": base.json, "after": costs.json,
            "accuracy": accuracy?.json ?? .null, "agreement": agreement?.json ?? .null,
            "measured-inference": measured.map {
                ["before-ms": .real($0.before), "after-ms": .real($0.after)]
            } ?? .null,
            "budget": .array(lines.map(\.json)),
            "proof-holds": proofHolds.map { .bool($0) } ?? .null,
        ]
    }
}
