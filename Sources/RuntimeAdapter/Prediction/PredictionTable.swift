import Contexts
import Synchronization

/// What every candidate of a catalogue is predicted to take on one class of devices.
///
/// Infinite where nothing can be predicted: it fits every context without a deadline and no other.
final class PredictionTable: Sendable {
    let deviceClass: DeviceClass
    /// By the cost model alone, in milliseconds.
    let uncorrectedMs: [Double]
    /// Corrected by what was observed.
    let inferenceMs: [Double]
    /// The mean and `k` standard deviations.
    let inferenceUpperMs: [Double]
    /// Time to decode a file, by the cost model.
    let decodingMs: [Double]
    /// What observed loads were, as a multiple of predicted ones.
    let loadFactors: [Double]
    /// Variance of loads as a share of their mean, squared.
    let loadVariances: [Double]
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
        let uncorrected = catalogue.candidates.map { candidate in
            guard let workload = candidate.workload, let ms = costs.inferenceMs(of: workload)
            else { return Double.infinity }
            return ms * candidate.workloadRatio
        }
        self.init(
            catalogue, deviceClass: deviceClass, uncorrectedMs: uncorrected,
            decodingMs: catalogue.candidates.map { costs.decodingMs($0.decodedBytes) },
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
            catalogue, deviceClass: deviceClass, uncorrectedMs: uncorrectedMs,
            decodingMs: decodingMs, memoryBytes: memoryBytes, options: options, model: model)
    }

    private init(
        _ catalogue: VariantCatalogue, deviceClass: DeviceClass, uncorrectedMs: [Double],
        decodingMs: [Double], memoryBytes: Double, options: SelectionOptions,
        model: PerformanceModel
    ) {
        self.deviceClass = deviceClass
        self.uncorrectedMs = uncorrectedMs
        self.decodingMs = decodingMs
        self.memoryBytes = memoryBytes
        let id = deviceClass.id
        let inference = catalogue.candidates.map { candidate in
            model.correction(
                of: .inference, deviceClass: id, digest: candidate.digest,
                priorShare: options.priorShare(of: candidate))
        }
        let load = catalogue.candidates.map { candidate in
            model.correction(
                of: .load, deviceClass: id, digest: candidate.digest,
                priorShare: options.loadShare)
        }
        inferenceMs = zip(uncorrectedMs, inference).map { $0 * $1.factor }
        inferenceUpperMs = zip(inferenceMs, inference).map {
            $0 * (1 + options.deviations * $1.variance.squareRoot())
        }
        loadFactors = load.map(\.factor)
        loadVariances = load.map(\.variance)
    }
}
