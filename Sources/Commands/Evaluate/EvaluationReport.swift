import Datasets
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON

/// What `prune evaluate` tells.
struct EvaluationReport {
    let model: KerasModel
    /// Reading and checking the model's file.
    var readingMs = 0.0
    /// Nil where latency alone is measured.
    var data: Dataset?
    /// What is done to each sample, in words.
    var treatment = ""
    /// Whether the model itself begins by rescaling its input.
    var rescales = false
    var evaluation: Evaluation?
    var baseFile: String?
    var latency: LatencyReport
}

// MARK: - For people

extension EvaluationReport {
    func lines(layers: Bool) -> [String] {
        var lines = [title, ""]
        if let data, let evaluation {
            lines += scoreLines(data, evaluation)
            if !evaluation.classes.isEmpty {
                lines += ["", "Classes"] + classLines(data, evaluation)
            }
            lines.append("")
        }
        lines += latency.lines
        if let row = latency.rows.first {
            lines.append(
                "  Read in \(Measure.milliseconds(readingMs)), prepared in "
                    + "\(Measure.milliseconds(row.preparationMs)); activations take "
                    + "\(Measure.bytes(row.activationBytes)).")
        }
        if layers { lines += [""] + latency.operationLines }
        if data == nil {
            lines += [
                "",
                "No data was given: measured on random inputs (seed \(RandomInputs.usualSeed)), nothing is scored.",
            ]
        }
        for note in model.notes { lines.append("note: \(note)") }
        return lines
    }

    private var title: String {
        guard let data else { return "\(model.graph.name)" }
        let all = data.totalCount - data.skipped.count
        let part = data.count < all ? "\(Self.count(data.count)) of " : ""
        let count = "\(part)\(Self.count(all)) samples"
        return "\(model.graph.name) on \(data.file), \(count)"
    }

    private func scoreLines(_ data: Dataset, _ evaluation: Evaluation) -> [String] {
        var table = TextTable([.left, .left])
        let shape = data.sampleShape.map(String.init).joined(separator: "×")
        let own = rescales && data.preprocessing.scale == nil ? "; the model rescales" : ""
        table.add("input", "\(shape), \(treatment.isEmpty ? "as it is" : treatment)\(own)")
        let numbers =
            switch evaluation.output.kind {
            case .probabilities, .probability: "probabilities"
            case .logits, .logit: "logits"
            }
        let index = model.graph.outputs.count > 1 ? " (output \(evaluation.output.index))" : ""
        table.add(
            "output",
            "'\(evaluation.output.layer)'\(index), \(evaluation.output.classes) classes, read as \(numbers)"
        )
        if let accuracy = evaluation.accuracy { table.add("accuracy", Self.percent(accuracy)) }
        if let topFive = evaluation.topFiveAccuracy {
            table.add("top-5 accuracy", Self.percent(topFive))
        }
        if let loss = evaluation.loss {
            table.add("loss", String(format: "%.4f", loss) + " (cross-entropy)")
        }
        if let agreement = evaluation.agreement {
            let base = baseFile ?? "the base"
            table.add(
                "agreement",
                "\(Self.percent(agreement.share)) with \(base), divergence "
                    + String(format: "%.4f", agreement.divergence))
            if let accuracy = agreement.baseAccuracy {
                table.add("base's accuracy", Self.percent(accuracy))
            }
        }
        var lines = table.lines()
        if evaluation.accuracy == nil {
            lines.append(
                evaluation.agreement == nil
                    ? "  The data has no labels: nothing but the speed can be told; --base compares with another model."
                    : "  The data has no labels: the agreement is all that can be told.")
        }
        lines += skippedLines(data)
        let speed = Double(evaluation.count) / max(evaluation.seconds, 1e-9)
        lines.append(
            "  Scored in \(Measure.seconds(evaluation.seconds)), \(Measure.count(Int(speed))) samples per second."
        )
        return lines
    }

    private func skippedLines(_ data: Dataset) -> [String] {
        guard !data.skipped.isEmpty else { return [] }
        let shown = 5
        let images = data.skipped.count == 1 ? "1 image was" : "\(data.skipped.count) images were"
        var lines = ["  \(images) left out (--strict refuses them):"]
        lines += data.skipped.prefix(shown).map { "    \($0.path): \($0.reason)".printable }
        if data.skipped.count > shown { lines.append("    and \(data.skipped.count - shown) more") }
        return lines
    }

    private func classLines(_ data: Dataset, _ evaluation: Evaluation) -> [String] {
        var table = TextTable([.left, .right, .right])
        let present = evaluation.classes.filter { $0.count > 0 }
        // Of a thousand classes the worst are what one wants to see.
        let most = 20
        let shown =
            present.count <= most
            ? present
            : Array(
                present.sorted { ($0.accuracy ?? 0, $0.label) < ($1.accuracy ?? 0, $1.label) }
                    .prefix(most))
        for result in shown {
            table.add(
                data.classNames?[result.label].printable ?? "\(result.label)", "\(result.count)",
                result.accuracy.map(Self.percent) ?? "")
        }
        let rest = present.count - shown.count
        return table.lines() + (rest > 0 ? ["  and \(rest) more classes, each better"] : [])
    }

    /// A whole number in groups of three digits: `10,000`.
    private static func count(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.indices.map { index in
            let isGroup = index > 0 && (digits.count - index) % 3 == 0
            return (isGroup ? "," : "") + String(digits[index])
        }.joined()
    }

    /// A share with two decimals: that is one image in ten thousand.
    private static func percent(_ share: Double) -> String {
        String(format: "%.2f %%", share * 100)
    }
}

// MARK: - For programs

extension EvaluationReport {
    var json: JSON {
        var json: JSON = [
            "model": .string(model.graph.name), "file": .string(model.file),
            "reading-ms": .real(readingMs), "data": .null, "scores": .null, "base": .null,
            "latency": latency.json,
        ]
        if let data, let evaluation {
            json["data"] = dataJSON(data)
            json["scores"] = scoresJSON(data, evaluation)
            if let agreement = evaluation.agreement {
                json["base"] = [
                    "file": .string(baseFile ?? ""), "agreement": .real(agreement.share),
                    "divergence": .real(agreement.divergence),
                    "accuracy": agreement.baseAccuracy.map { .real($0) } ?? .null,
                ]
            }
        }
        if !latency.operations.isEmpty { json["operations"] = latency.operationsJSON }
        json["notes"] = .array(model.notes.map { .string("\($0)") })
        return json
    }

    private func dataJSON(_ data: Dataset) -> JSON {
        [
            "file": .string(data.file), "samples": .integer(data.count),
            "available-samples": .integer(data.totalCount),
            "sample-shape": .array(data.sampleShape.map { .integer($0) }),
            "labelled": .bool(data.labels != nil),
            "classes": data.classNames.map { .array($0.map { .string($0) }) } ?? .null,
            "preprocessing": .string(treatment),
            "model-rescales": .bool(rescales),
            "skipped": .array(
                data.skipped.map {
                    ["file": .string($0.path), "reason": .string($0.reason)]
                }),
        ]
    }

    private func scoresJSON(_ data: Dataset, _ evaluation: Evaluation) -> JSON {
        [
            "output-index": .integer(evaluation.output.index),
            "output-layer": .string(evaluation.output.layer),
            "output-kind": .string(evaluation.output.kind.rawValue),
            "classes": .integer(evaluation.output.classes),
            "accuracy": evaluation.accuracy.map { .real($0) } ?? .null,
            "top-5-accuracy": evaluation.topFiveAccuracy.map { .real($0) } ?? .null,
            "loss": evaluation.loss.map { .real($0) } ?? .null,
            "per-class": .array(
                evaluation.classes.map { result in
                    [
                        "label": .integer(result.label),
                        "name": data.classNames.map { .string($0[result.label]) } ?? .null,
                        "samples": .integer(result.count), "correct": .integer(result.correct),
                        "accuracy": result.accuracy.map { .real($0) } ?? .null,
                    ]
                }),
            "scoring-seconds": .real(evaluation.seconds),
        ]
    }
}
