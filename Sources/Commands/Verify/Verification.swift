import Contexts
import Datasets
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Planning
import Pruning
import VariantStore

/// What became of a variant's claims when they were checked anew.
struct Verification {
    /// One thing that was checked.
    struct Check {
        /// What, as the JSON names it.
        enum Subject: String {
            case variantFile = "variant-file"
            case baseFile = "base-file"
            case plan
            case graph
            case costs
            case recovery
            case proof
            case accuracy
        }

        var subject: Subject
        /// nil where it could not be told.
        var holds: Bool?
        /// What was found, as part of a sentence.
        var finding: String
    }

    /// What both networks are run on, once the base is known.
    struct Evidence {
        var inputs: (ModelGraph) throws -> any ProofInputs
        /// Data for the accuracy; nil for none.
        var labelled: (ModelGraph) throws -> Dataset?
        /// Samples to fit kernels on; nil for none.
        var samples: (ModelGraph, RecoveryRecord.Calibration) throws -> DatasetSamples?
    }

    let manifest: VariantManifest
    let manifestPath: String
    let variant: String
    let base: String
    private(set) var checks: [Check] = []
    /// The proof as repeated; nil if it did not come to that.
    private(set) var proof: ProofRecord?

    /// Why the variant does not hold.
    var failures: [String] { checks.filter { $0.holds == false }.map(\.finding) }

    /// Checks the files.
    ///
    /// - Parameters:
    ///   - topology: of a base that holds weights alone.
    ///   - evidence: what both networks are run on.
    /// - Throws: what reading a file throws that is as the manifest says; a file that is not becomes a check that fails.
    init(
        manifest: VariantManifest, manifestPath: String, variant: String, base: String,
        topology: String?, evidence: Evidence
    ) throws {
        self.manifest = manifest
        self.manifestPath = manifestPath
        self.variant = variant
        self.base = base
        let digests = (BackgroundDigest(of: variant), BackgroundDigest(of: base))
        checkFile(.variantFile, digest: try digests.0.value(), recorded: manifest.variant)
        checkFile(.baseFile, digest: try digests.1.value(), recorded: manifest.base.file)
        guard let original = try readBase(topology: topology) else { return }
        guard var made = try replay(on: original) else { return }
        guard let found = try readVariant(base: original, like: made.pruned.graph) else { return }
        if isFitted {
            made.pruned.graph = try made.prunable.addingBiases(
                of: found.graph, to: made.pruned.graph)
        }
        guard checkGraph(found.graph, like: made.pruned.graph) else { return }
        try checkCosts(found.graph, made.prunable)
        if isFitted {
            made.pruned.graph = found.graph
            made.pruned.recovery = []
            try checkRecovery(found.graph, on: original.graph, made, evidence)
        } else {
            made.forgetShrunkWeights()
        }
        try checkProof(found.graph, made, inputs: try evidence.inputs(original.graph))
        if let data = try evidence.labelled(original.graph) {
            try checkAccuracy(found.graph, Scoring(data, base: original.graph))
        }
    }

    private func holds(_ subject: Check.Subject) -> Bool {
        checks.first { $0.subject == subject }?.holds ?? false
    }

    /// Whether the variant's kernels were fitted on samples.
    private var isFitted: Bool {
        manifest.recovery?.kind == PruningOptions.Recovery.reconstruction.rawValue
    }

    private mutating func add(_ subject: Check.Subject, _ holds: Bool?, _ finding: String) {
        checks.append(Check(subject: subject, holds: holds, finding: finding))
    }

    // MARK: Files

    private mutating func checkFile(
        _ subject: Check.Subject, digest: FileDigest, recorded: VariantManifest.File
    ) {
        let what = subject == .variantFile ? "the variant" : "the base"
        if digest == recorded.digest {
            add(
                subject, true,
                "\(what) is the file of the manifest, \(Measure.bytes(digest.byteCount)), sha256 \(digest.sha256.prefix(12))…"
            )
            return
        }
        let difference =
            digest.byteCount == recorded.byteCount
            ? "sha256 \(digest.sha256.prefix(12))… instead of \(recorded.sha256.prefix(12))…"
            : "\(digest.byteCount) bytes instead of \(recorded.byteCount)"
        add(subject, false, "\(what) is not the file of the manifest: \(difference)")
    }

    /// - Returns: nil if the base is another file than the manifest says and cannot be read.
    private mutating func readBase(topology path: String?) throws -> KerasModel? {
        do throws(KerasError) {
            let topology = try path.map { path throws(KerasError) in try Topology(reading: path) }
            var model = try KerasModel.read(path: base, topology: topology)
            try model.checkFinite()
            model.graph.assumedInputs = manifest.base.inputShapes?.map { Shape($0) }
            return model
        } catch {
            if error.code == .weightsAlone {
                throw CommandFailure(.badData, "\(error); give it by --topology")
            }
            guard !holds(.baseFile) else { throw error }
            add(.plan, nil, "the base cannot be read: \(error)")
            return nil
        }
    }

    /// - Returns: nil if the variant is another file than the manifest says and cannot be read.
    private mutating func readVariant(
        base: KerasModel, like shrunk: ModelGraph
    ) throws -> KerasModel? {
        do {
            return try Self.read(variant, base: base, like: shrunk)
        } catch {
            guard !holds(.variantFile) else { throw error }
            add(.graph, nil, "the variant cannot be read: \(error)")
            return nil
        }
    }

    /// The variant; where it holds weights alone, with the topology of the network that is due.
    private static func read(
        _ path: String, base: KerasModel, like shrunk: ModelGraph
    ) throws(KerasError) -> KerasModel {
        var model: KerasModel
        do {
            model = try KerasModel.read(path: path)
        } catch {
            guard error.code == .weightsAlone else { throw error }
            model = try KerasModel.read(path: path, topology: try base.topology(of: shrunk))
        }
        try model.checkFinite()
        model.graph.assumedInputs = shrunk.assumedInputs
        return model
    }

    // MARK: Networks

    /// The plan carried out anew.
    private struct Made {
        var prunable: PrunableModel
        var pruned: PrunedModel

        /// Frees what the masked network does not need.
        mutating func forgetShrunkWeights() {
            guard pruned.masked != nil, pruned.kernels.isEmpty else { return }
            for layer in pruned.graph.layers.indices { pruned.graph.layers[layer].weights = [] }
        }
    }

    private mutating func replay(on original: KerasModel) throws -> Made? {
        let plan: PruningPlan
        do {
            plan = try PruningPlan(parsing: try JSONEncoder().encode(manifest.plan))
        } catch let error as PruningError {
            throw CommandFailure(.badData, "\(manifestPath), key 'plan': \(error)")
        }
        do {
            let prunable = try PrunableModel(
                original.graph, protecting: manifest.profile.pruning.protect.map(\.text))
            // Without the samples, kernels that were fitted are taken from the variant; see `checkProof`.
            let recovery =
                manifest.recovery.flatMap { DataFreeRecovery(rawValue: $0.kind) } ?? .exact
            let made = Made(
                prunable: prunable, pruned: try prunable.pruned(by: plan, recovery: recovery))
            let narrower = plan.groups.count { $0.kept.count < $0.size }
            add(
                .plan, true,
                "the plan fits the base: \(narrower) of \(prunable.groups.groups.count) channel groups narrower"
            )
            return made
        } catch let error as PruningError {
            add(.plan, false, "the plan cannot be carried out on the base: \(error)")
            return nil
        }
    }

    private mutating func checkGraph(_ found: ModelGraph, like due: ModelGraph) -> Bool {
        if let difference = due.firstDifference(from: found) {
            add(.graph, false, "the variant is not the network that the plan gives: \(difference)")
            return false
        }
        add(
            .graph, true,
            "the variant is the network that the plan gives: \(due.layers.count) layers, all shapes"
        )
        return true
    }

    private mutating func checkCosts(_ found: ModelGraph, _ prunable: PrunableModel) throws {
        let bytes = manifest.variant.byteCount
        let summary = try ModelAnalysis(prunable, fileBytes: manifest.base.file.byteCount)
            .summary(of: found, fileBytes: bytes)
        let recorded = manifest.variant
        let facts = [
            ("parameters", summary.parameterCount, recorded.parameters),
            ("multiply-adds", summary.multiplyAdds, recorded.multiplyAdds),
            ("parameters by its costs", summary.parameterCount, manifest.costs.after.parameters),
            ("multiply-adds by its costs", summary.multiplyAdds, manifest.costs.after.multiplyAdds),
        ]
        if let wrong = facts.first(where: { $0.1 != $0.2 }) {
            add(
                .costs, false,
                "the variant has \(wrong.1) \(wrong.0), the manifest says \(wrong.2)")
            return
        }
        add(
            .costs, true,
            "its costs are those of the manifest: \(Measure.count(summary.parameterCount)) parameters, "
                + "\(Measure.count(summary.multiplyAdds)) multiply-adds")
    }

    /// Fits the kernels again, if the samples are there, and holds both networks against each other.
    private mutating func checkRecovery(
        _ found: ModelGraph, on original: ModelGraph, _ made: Made, _ evidence: Evidence
    ) throws {
        guard let record = manifest.recovery, let calibration = record.calibration else {
            add(.recovery, false, "its manifest does not say on what its kernels were fitted")
            return
        }
        let what =
            "kernels of \(record.layers.count) layers were fitted on \(calibration.samples) samples"
        guard let samples = try evidence.samples(original, calibration) else {
            add(.recovery, nil, "\(what); give them by --calibration to fit again")
            return
        }
        guard samples.digest.sha256 == calibration.sha256 else {
            add(.recovery, nil, "\(what), others than those of --calibration")
            return
        }
        let again = try made.prunable.pruned(
            by: made.pruned.plan, recovery: .reconstruction(samples))
        let proof = try Proof(
            masked: { again.graph }, shrunk: found, inputs: try evidence.inputs(original),
            activationByteCount: made.prunable.graph.peakActivationByteCount(
                shapes: made.prunable.shapes))
        switch proof.record {
        case .run(let result):
            add(
                .recovery, result.relativeDifference <= Self.recoveryTolerance,
                "\(what); fitted again, they give the same \(result.extent)")
        case .notRun(let reason): add(.recovery, nil, "\(what); not run again: \(reason)")
        }
    }

    /// Sums of another processor are in another order, and a chain of fits carries that on.
    private static let recoveryTolerance = 0.01

    private mutating func checkProof(
        _ found: ModelGraph, _ made: Made, inputs: any ProofInputs
    ) throws {
        let peak = made.prunable.graph.peakActivationByteCount(shapes: made.prunable.shapes)
        let proof = try Proof(
            masked: { try made.prunable.masked(like: made.pruned) }, shrunk: found, inputs: inputs,
            activationByteCount: peak)
        self.proof = proof.record
        switch proof.record {
        case .notRun(let reason): add(.proof, nil, "the networks were not run: \(reason)")
        case .run(let result) where proof.holds:
            add(
                .proof, true,
                "it equals the masked base \(result.extent), on \(result.inputsText)"
                    + recordedText)
        case .run: add(.proof, false, proof.record.failure)
        }
    }

    /// Rounding on another processor may move a sample that lies between two classes.
    private static let accuracyTolerance = 0.001

    private mutating func checkAccuracy(_ found: ModelGraph, _ scoring: Scoring) throws {
        guard let scores = try scoring.score(found).accuracy else {
            add(.accuracy, nil, "the data has no labels")
            return
        }
        let now =
            "accuracy is \(BudgetText.accuracy(scores.after)) on \(scores.samples) samples, the base's "
            + BudgetText.accuracy(scores.before)
        guard let recorded = manifest.accuracy else {
            add(.accuracy, nil, "\(now); the manifest has none")
            return
        }
        let then = "\(BudgetText.accuracy(recorded.after)) when it was made"
        guard recorded.dataSHA256 == scores.dataSHA256 else {
            add(.accuracy, nil, "\(now); \(then), on other data")
            return
        }
        let change = max(
            (recorded.after - scores.after).magnitude, (recorded.before - scores.before).magnitude)
        add(.accuracy, change <= Self.accuracyTolerance, "\(now); \(then)")
    }

    private var recordedText: String {
        switch manifest.proof {
        case .run(let result):
            "; \(result.extent) when it was made, on \(result.inputsText)"
        case .notRun(let reason): "; not run when it was made: \(reason)"
        }
    }
}
