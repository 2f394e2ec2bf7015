import Contexts
import Foundation
import OrderedJSON
import VariantStore

// MARK: - For people

extension StoredVariant {
    /// What `prune variants show` prints.
    var lines: [String] {
        let profile = manifest.profile
        var table = TextTable([.left, .left])
        let file = manifest.variant
        table.add("file", "\(file.name), \(Measure.bytes(file.byteCount)), sha256 \(file.sha256)")
        table.add("base", baseText)
        let about = profile.description.isEmpty ? "" : " (\(profile.description))"
        table.add("profile", "\(profile.name)\(about)")
        if let device = profile.device { table.add("device", ProfileReport.device(device)) }
        if let network = profile.network { table.add("network", ProfileReport.network(network)) }
        table.add("criterion", profile.criterion)
        table.add("made by", "\(manifest.tool.name) \(manifest.tool.version)")
        var lines = [title, version.digest.text, ""] + table.lines()
        lines += [""] + costLines
        let widths = widthLines
        if !widths.isEmpty { lines += ["", "Channels"] + widths }
        return lines + [""] + endLines
    }

    private var title: String {
        tags.isEmpty ? version.text : "\(version.text)  (\(tags.joined(separator: ", ")))"
    }

    private var baseText: String {
        let file = manifest.base.file
        let reference = base.map { ", \($0)" } ?? ""
        return "\(file.name), \(Measure.bytes(file.byteCount))\(reference)"
    }

    private var costLines: [String] {
        var table = TextTable([.left, .right, .right, .right, .left])
        table.add("", "before", "after", "", "budget")
        let rows = CostRow.rows(
            base: manifest.costs.before, costs: manifest.costs.after,
            budget: manifest.profile.budget)
        for row in rows {
            table.add(row.name, row.before, row.after, row.change, row.budget)
        }
        for record in measurements {
            table.add(
                "inference, measured", Measure.milliseconds(record.base.medianMs),
                Measure.milliseconds(record.variant.medianMs),
                CostRow.change(record.base.medianMs, record.variant.medianMs), "")
        }
        return table.lines()
    }

    private var widthLines: [String] {
        let changed = groups.filter { $0.after < $0.before }
        var table = TextTable([.left, .right, .left, .right])
        for group in changed {
            table.add(
                group.name, "\(group.before)", "→ \(group.after)",
                VariantReport.change(group.before, group.after))
        }
        return table.lines()
    }

    private var endLines: [String] {
        var lines: [String] = []
        if let recovery = manifest.recovery { lines.append(Self.sentence(recovery)) }
        lines.append(manifest.proof.sentence)
        if let accuracy = manifest.accuracy {
            lines.append(
                "Accuracy (\(accuracy.metric)) on \(accuracy.samples) samples, data "
                    + "\(accuracy.dataSHA256.prefix(12)).")
        }
        if let agreement = manifest.agreement {
            lines.append(
                "Of \(agreement.samples) samples, \(BudgetText.accuracy(agreement.share)) get the answer that the original gives."
            )
        }
        for record in measurements {
            lines.append(
                "Measured on \(record.machine.title), \(record.machine.system): \(record.runs) runs, "
                    + "\(record.threads) \(record.threads == 1 ? "thread" : "threads"), batch \(record.batch)."
            )
        }
        if let measurementFault {
            lines.append("Measurements cannot be shown: \(measurementFault).")
        }
        if signatures.isEmpty { lines.append("Not signed.") }
        for signature in signatures {
            let keys =
                signature.keyIDs.isEmpty
                ? "an unnamed key" : "key " + signature.keyIDs.joined(separator: ", ")
            lines.append("Signed by \(keys); prune variants verify --key checks it.")
        }
        return lines
    }

    private static func sentence(_ recovery: RecoveryRecord) -> String {
        let count = recovery.layers.count
        func mean(_ values: [Double]) -> String {
            Measure.percent(values.reduce(0, +) / Double(max(values.count, 1)))
        }
        let source =
            recovery.calibration.map {
                "\($0.samples) samples of calibration data \($0.sha256.prefix(12))"
            } ?? "the weights alone"
        return
            "Recovered (\(recovery.kind)) at \(count) \(count == 1 ? "layer" : "layers") from \(source): "
            + "error \(mean(recovery.layers.map(\.errorBefore))) before, "
            + "\(mean(recovery.layers.map(\.errorAfter))) after, on average."
    }
}

// MARK: - For programs

extension StoredVariant {
    /// All of the variant; keys as in `docs/schemas/variants-show.schema.json`.
    ///
    /// - Throws: `EncodingError` for numbers that JSON cannot hold.
    func json() throws -> JSON {
        let profile = manifest.profile
        let base = manifest.base.file
        var json: JSON = [
            "reference": .string(version.text), "model": .string(version.name.model),
            "profile": .string(version.name.profile), "version": .integer(version.number),
            "digest": .string(version.digest.text), "tags": .texts(tags),
            "inputs": .optional(artifact.annotations[Annotation.inputs]),
            "file": try JSON(encoding: manifest.variant),
            "base": [
                "reference": .optional(self.base),
                "digest": .optional(artifact.subject?.digest.text), "file": .string(base.name),
                "sha256": .string(base.sha256), "bytes": .integer(base.byteCount),
                "parameters": .integer(base.parameters),
                "multiply-adds": .integer(base.multiplyAdds),
            ],
            "tool": try JSON(encoding: manifest.tool),
            "made-for": [
                "name": .string(profile.name), "description": .string(profile.description),
                "sha256": .optional(profile.sha256),
                "device": try profile.device.map { try JSON(encoding: $0) } ?? .null,
                "network": try profile.network.map { try JSON(encoding: $0) } ?? .null,
                "criterion": .string(profile.criterion),
            ],
            "budget": try JSON(encoding: profile.budget),
            "costs": try JSON(encoding: manifest.costs),
        ]
        json["channel-groups"] = .array(
            groups.map {
                [
                    "name": .string($0.name), "before": .integer($0.before),
                    "after": .integer($0.after),
                ]
            })
        json["accuracy"] = try manifest.accuracy.map { try JSON(encoding: $0) } ?? .null
        json["agreement"] = try manifest.agreement.map { try JSON(encoding: $0) } ?? .null
        json["recovery"] = try manifest.recovery.map { try JSON(encoding: $0) } ?? .null
        json["proof"] = manifest.proof.json
        json["measurements"] = try JSON(encoding: measurements)
        json["signatures"] = .array(
            signatures.map {
                ["digest": .string($0.digest.text), "key-ids": .texts($0.keyIDs)]
            })
        json["referrers"] = .array(
            referrers.map {
                [
                    "digest": .string($0.digest.text), "artifact-type": .optional($0.artifactType),
                    "bytes": .integer($0.byteCount),
                ]
            })
        return json
    }
}
