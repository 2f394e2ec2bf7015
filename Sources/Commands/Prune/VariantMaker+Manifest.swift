import Contexts
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Planning
import Pruning
import VariantStore

extension VariantMaker {
    /// The manifest of a variant whose file is whole but has no name yet.
    ///
    /// - Parameters:
    ///   - path: where the file is to stand.
    ///   - plan: with the costs of the variant itself.
    func manifest(
        of variant: Variant, named path: String, plan: Plan, proof: Proof
    ) throws -> VariantManifest {
        let (before, after) = (plan.base, plan.costs)
        let file = VariantManifest.File(
            name: Self.name(path), digest: try FileDigest(ofFile: variant.file.path),
            parameters: after.parameters, multiplyAdds: after.multiplyAdds)
        let text = Data(variant.plan.pruning.json.text().utf8)
        return VariantManifest(
            tool: VariantManifest.Tool(name: Espalier.name, version: Espalier.version),
            base: try workshop.baseRecord(),
            variant: file,
            profile: ProfileRecord(
                context.profile, budget: plan.lines, criterion: context.criterion,
                digests: context.digests),
            plan: try JSONDecoder().decode(JSONValue.self, from: text),
            costs: VariantManifest.BeforeAfter(before: before, after: after),
            workload: variant.summary, folds: variant.pruned.folds.map(\.record),
            recovery: recoveryRecord(of: variant.pruned),
            proof: proof.record.bounded, accuracy: variant.scores?.accuracy,
            agreement: variant.scores?.agreement)
    }

    /// nil if weights that stay were not touched.
    private func recoveryRecord(of pruned: PrunedModel) -> RecoveryRecord? {
        if let fits = pruned.recovery, let samples = evidence.calibration?.samples {
            return RecoveryRecord(
                kind: PruningOptions.Recovery.reconstruction.rawValue,
                calibration: samples.record,
                layers: fits.map {
                    RecoveryRecord.Layer(
                        layer: $0.layer, errorBefore: $0.errorBefore, errorAfter: $0.errorAfter)
                })
        }
        guard !pruned.recoveries.isEmpty else { return nil }
        let kind: PruningOptions.Recovery = settings.recovery == .means ? .means : .merge
        return RecoveryRecord(
            kind: kind.rawValue, calibration: nil,
            layers: pruned.recoveries.map {
                RecoveryRecord.Layer(
                    layer: $0.layer, errorBefore: Double($0.errorOfMeans),
                    errorAfter: Double($0.error))
            })
    }

    /// The last part of a path.
    static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}

extension Workshop {
    /// The base as manifests describe it.
    ///
    /// - Throws: `VariantStoreError` if its file can no longer be read.
    func baseRecord() throws -> VariantManifest.Base {
        VariantManifest.Base(
            model: base.graph.name,
            file: VariantManifest.File(
                name: VariantMaker.name(base.file), digest: try digest.value(),
                parameters: analysis.base.parameterCount,
                multiplyAdds: analysis.base.multiplyAdds),
            inputShapes: base.graph.assumedInputs?.map(\.dimensions))
    }
}

extension DatasetSamples {
    /// As manifests describe them.
    var record: RecoveryRecord.Calibration {
        RecoveryRecord.Calibration(
            sha256: digest.sha256, samples: count, seed: Int(truncatingIfNeeded: seed))
    }
}

extension FoldReport {
    /// As the manifest keeps it.
    var record: FoldRecord {
        FoldRecord(
            layer: layer, into: place, largestShift: Double(largestShift),
            largestEdge: Double(largestEdge), isExact: isExact)
    }

    /// The weight that took the constants; nil if none could.
    var place: String? {
        switch target {
        case .weight(let role): role
        case .addedBias: "added-bias"
        case .movingMean(let layer): layer + "/moving_mean"
        case .nowhere: nil
        }
    }
}
