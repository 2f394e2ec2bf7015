import Datasets
import KerasFormat
import Pruning

/// A model with the data that its variants are made and judged on.
struct Bench: Sendable {
    /// The data, opened for the model.
    struct Data: Sendable {
        /// On what channels are weighed and kernels fitted; nil for none.
        var calibration: Dataset?
        /// How many samples of it are used at most.
        var calibrationSamples = DatasetSamples.usualCount
        /// On what variants are scored: labelled, or as many samples of the calibration data as are compared; nil for none.
        var scored: Dataset?
        /// What the choice of samples and random inputs depend on.
        var seed = RandomInputs.usualSeed
        /// Inputs of the proof; 0 for no proof.
        var proofInputs = 4
    }

    let workshop: Workshop
    let evidence: VariantMaker.Evidence
    /// What the choice of samples and random inputs depend on.
    let seed: UInt64

    /// - Parameter analysis: where what is measured on calibration data is kept; nil for nowhere.
    /// - Throws: ``CommandFailure`` and what reading data throws.
    init(_ workshop: Workshop, _ data: Data, analysis: AnalysisFile.Place? = nil) throws {
        self.workshop = workshop
        seed = data.seed
        let graph = workshop.base.graph
        let fitting = try data.calibration.map { dataset in
            let samples = try DatasetSamples(
                dataset, for: graph, count: data.calibrationSamples, seed: data.seed)
            return Calibration(
                samples,
                file: try analysis.map {
                    AnalysisFile(place: $0, base: try workshop.digest.value(), samples: samples)
                })
        }
        evidence = VariantMaker.Evidence(
            proofInputs: data.proofInputs == 0
                ? nil
                : try ProofInputOptions.inputs(
                    data.calibration, for: graph, count: data.proofInputs, seed: data.seed),
            scoring: data.scored.map { Scoring($0, base: graph) },
            calibration: fitting)
    }

    /// What is wrong with the calibration data, in words; runs the network on all of it.
    func warnings(progress: Progress) throws -> [String] {
        guard let calibration = evidence.calibration else { return [] }
        progress.show("looking at \(calibration.samples.count) samples")
        return try calibration.warnings(of: workshop.base.graph)
    }
}
