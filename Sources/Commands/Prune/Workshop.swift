import Contexts
import Foundation
import KerasFormat
import ModelGraph
import Planning
import Pruning
import Synchronization

/// A model on the bench: what all its variants share, made once, for variants that may be made at the same time.
final class Workshop: Sendable {
    let base: KerasModel
    let prunable: PrunableModel
    let analysis: ModelAnalysis
    let fileBytes: Int
    private let begun = Mutex<BackgroundDigest?>(nil)
    private let measured = Mutex<MeasuredLatency??>(nil)
    private let importances = Mutex<[String: GroupImportance]>([:])

    /// Analyses a model.
    ///
    /// - Parameter makesMany: whether what a single variant would find out and forget is kept for the next ones.
    init(_ base: KerasModel, makesMany: Bool = false) throws {
        self.base = base
        let attributes = try? FileManager.default.attributesOfItem(atPath: base.file)
        fileBytes = (attributes?[.size] as? NSNumber)?.intValue ?? 0
        var prunable = try PrunableModel(base.graph)
        if makesMany { prunable.keptMoments = KeptMoments() }
        self.prunable = prunable
        analysis = ModelAnalysis(prunable, fileBytes: fileBytes)
    }

    /// Of the model's file; begun when it is first asked for.
    var digest: BackgroundDigest {
        begun.withLock { begun in
            let digest = begun ?? BackgroundDigest(of: base.file)
            begun = digest
            return digest
        }
    }

    /// The importance of all units by a criterion, computed once; who asks meanwhile waits.
    ///
    /// - Throws: ``CommandFailure`` for a criterion that needs calibration data where there is none.
    func importance(
        _ name: String, calibration: Calibration? = nil, progress: Progress? = nil
    ) throws -> GroupImportance {
        let isMeasured = name == "auto" && calibration != nil
        let key = isMeasured ? CalibratedImportance.Criterion.outputDivergence.rawValue : name
        return try importances.withLock { importances in
            if let known = importances[key] { return known }
            let importance = try compute(key, calibration, progress)
            importances[key] = importance
            return importance
        }
    }

    private func compute(
        _ name: String, _ calibration: Calibration?, _ progress: Progress?
    ) throws -> GroupImportance {
        guard let criterion = CalibratedImportance.Criterion(rawValue: name) else {
            let criterion = try CriterionRegistry.criterion(named: name)
            return GroupImportance(
                criterion: criterion.name, scores: try criterion.importance(of: prunable))
        }
        guard let calibration, let progress else {
            throw CommandFailure(.usage, "--criterion \(name) needs --calibration")
        }
        return GroupImportance(
            try calibration.importance(of: prunable, progress: progress), criterion)
    }

    /// How long the base takes on this machine, measured once; nil if it cannot be run.
    func latency() throws -> MeasuredLatency? {
        try measured.withLock { measured in
            if let measured { return measured }
            let latency = try MeasuredLatency(base.graph)
            measured = .some(latency)
            return latency
        }
    }

    /// What a variant's file is expected to weigh, before any is written.
    func fileSize(_ options: PruningOptions) -> FileSizeModel {
        let weights = base.graph.layers.reduce(0) {
            $0 + $1.weights.reduce(0) { $0 + $1.byteCount }
        }
        // Names, topology and HDF5's own structures; what a compressed base saves cannot be told
        // from them, so at least what a small file has.
        let overhead = max(fileBytes - weights, 16 * 1024)
        return FileSizeModel(
            overheadBytes: min(overhead, 1 << 20), compression: options.compression)
    }
}
