import Contexts
import Synchronization

/// What every candidate of a catalogue is predicted to take on one class of devices.
///
/// Infinite where nothing can be predicted: it fits every context without a deadline and no other.
final class PredictionTable: Sendable {
    let deviceClass: DeviceClass
    /// Of each candidate.
    let figures: [Figures]
    /// Which candidates a selection has to look at.
    let skyline: Skyline

    /// What one candidate is predicted to take.
    struct Figures: Sendable {
        /// Inference by the cost model alone, in milliseconds.
        let uncorrectedMs: Double
        /// Corrected by what was observed.
        let inferenceMs: Double
        /// The mean and `k` standard deviations.
        let inferenceUpperMs: Double
        /// Time to decode the file, by the cost model.
        let decodingMs: Double
        /// What observed loads were, as a multiple of predicted ones.
        let loadFactor: Double
        /// Variance of loads as a share of their mean, squared.
        let loadVariance: Double
    }

    /// What the class may use; infinite without a limit.
    let memoryBytes: Double
    /// Whether anybody asked for the table since somebody looked for one to drop.
    let isInUse = Atomic<Bool>(true)

    /// Predicts all candidates.
    ///
    /// - Complexity: O(layers of all candidates); milliseconds for a thousand of them.
    convenience init(
        _ catalogue: VariantCatalogue, deviceClass: DeviceClass, options: SelectionOptions,
        model: PerformanceModel
    ) {
        let known = catalogue.devices.known(for: deviceClass)
        let costs = CostModel(device: known?.device, network: nil, table: known?.table)
        let predictions = catalogue.candidates.map { candidate in
            let inference = candidate.workload.flatMap { costs.inferenceMs(of: $0) }
            return (
                inferenceMs: inference.map { $0 * candidate.workloadRatio } ?? .infinity,
                decodingMs: costs.decodingMs(candidate.decodedBytes)
            )
        }
        self.init(
            catalogue, deviceClass: deviceClass, predictions: predictions,
            memoryBytes: known?.device.memoryMiB.map { $0 * 1_048_576 } ?? .infinity,
            options: options, model: model)
    }

    /// The same predictions with other corrections.
    ///
    /// - Complexity: O(candidates).
    func corrected(
        by model: PerformanceModel, catalogue: VariantCatalogue, options: SelectionOptions
    ) -> PredictionTable {
        PredictionTable(
            catalogue, deviceClass: deviceClass,
            predictions: figures.map { ($0.uncorrectedMs, $0.decodingMs) },
            memoryBytes: memoryBytes, options: options, model: model)
    }

    private init(
        _ catalogue: VariantCatalogue, deviceClass: DeviceClass,
        predictions: [(inferenceMs: Double, decodingMs: Double)], memoryBytes: Double,
        options: SelectionOptions, model: PerformanceModel
    ) {
        self.deviceClass = deviceClass
        self.memoryBytes = memoryBytes
        let id = deviceClass.id
        figures = zip(catalogue.candidates, predictions).map { candidate, predicted in
            let inference = model.correction(
                of: .inference, deviceClass: id, digest: candidate.digest,
                priorShare: options.priorShare(of: candidate))
            let load = model.correction(
                of: .load, deviceClass: id, digest: candidate.digest,
                priorShare: options.loadShare)
            let inferenceMs = predicted.inferenceMs * inference.factor
            return Figures(
                uncorrectedMs: predicted.inferenceMs, inferenceMs: inferenceMs,
                inferenceUpperMs: inferenceMs
                    * (1 + options.deviations * inference.variance.squareRoot()),
                decodingMs: predicted.decodingMs, loadFactor: load.factor,
                loadVariance: load.variance)
        }
        skyline = Skyline(catalogue, figures)
    }
}
