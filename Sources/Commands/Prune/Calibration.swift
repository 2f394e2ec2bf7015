import ModelGraph
import Pruning
import Synchronization

/// Calibration data and what was measured on it, once for all profiles.
final class Calibration: Sendable {
    let samples: DatasetSamples
    private let file: AnalysisFile?
    private let measured = Mutex<CalibratedImportance?>(nil)

    /// - Parameter file: where measurements are kept; nil for nowhere.
    init(_ samples: DatasetSamples, file: AnalysisFile?) {
        self.samples = samples
        self.file = file
    }

    /// What is wrong with the samples, or with the network run on them, in words.
    ///
    /// - Throws: ``CommandFailure`` naming a sample with values that are not finite.
    func warnings(of graph: ModelGraph) throws -> [String] {
        do {
            return try CalibrationCheck(graph, samples: samples).sentences(samples)
        } catch let error as PruningError where error.code == .samples {
            let number = Int(error.place).map { "sample \(samples.number($0))" } ?? "the samples"
            throw CommandFailure(.badData, "--calibration: \(number): \(error.reason)")
        }
    }

    /// What the network's channels are worth; measured, or read from the file.
    func importance(of model: PrunableModel, progress: Progress) throws -> CalibratedImportance {
        try measured.withLock { measured in
            if let measured { return measured }
            if let known = try file?.read(for: model) {
                measured = known
                return known
            }
            let made = try ImportanceMeasurement(model, samples: samples).run { group in
                progress.show("measuring what the output loses: \(group)")
            }
            try file?.write(made)
            measured = made
            return made
        }
    }
}
