import Contexts
import Foundation
import KerasFormat
import ModelGraph
import Planning
import Pruning

/// A model on the bench: what all its variants share, made once.
final class Workshop {
    let base: KerasModel
    let prunable: PrunableModel
    let analysis: ModelAnalysis
    let fileBytes: Int
    private(set) lazy var digest = BackgroundDigest(of: base.file)
    private var measured: MeasuredLatency??
    private var importances: [String: GroupImportance] = [:]

    /// Analyses a model.
    init(_ base: KerasModel) throws {
        self.base = base
        let attributes = try? FileManager.default.attributesOfItem(atPath: base.file)
        fileBytes = (attributes?[.size] as? NSNumber)?.intValue ?? 0
        prunable = try PrunableModel(base.graph)
        analysis = ModelAnalysis(prunable, fileBytes: fileBytes)
    }

    /// The importance of all units by a criterion, computed once.
    ///
    /// - Throws: ``CommandFailure`` for a criterion that needs calibration data where there is none.
    func importance(
        _ name: String, calibration: Calibration? = nil, progress: Progress? = nil
    ) throws -> GroupImportance {
        let isMeasured = name == "auto" && calibration != nil
        let key = isMeasured ? CalibratedImportance.Criterion.outputDivergence.rawValue : name
        if let known = importances[key] { return known }
        let importance: GroupImportance
        if let criterion = CalibratedImportance.Criterion(rawValue: key) {
            guard let calibration, let progress else {
                throw CommandFailure(.usage, "--criterion \(key) needs --calibration")
            }
            importance = GroupImportance(
                try calibration.importance(of: prunable, progress: progress), criterion)
        } else {
            let criterion = try CriterionRegistry.criterion(named: name)
            importance = GroupImportance(
                criterion: criterion.name, scores: try criterion.importance(of: prunable))
        }
        importances[key] = importance
        return importance
    }

    /// How long the base takes on this machine, measured once; nil if it cannot be run.
    func latency() throws -> MeasuredLatency? {
        if let measured { return measured }
        let latency = try MeasuredLatency(base.graph)
        measured = .some(latency)
        return latency
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
