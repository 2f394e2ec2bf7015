import Datasets
import Foundation
import KerasFormat
import Pruning

/// A model with the data that its variants are made and judged on.
struct Bench: Sendable {
    let workshop: Workshop
    let evidence: VariantMaker.Evidence
    /// What is wrong with the calibration data, in words.
    let warnings: [String]

    /// Where a bench is made from.
    struct Source {
        var model: ModelOptions
        var data: ProofDataOptions
        var proof: ProofOptions
        /// Where what was measured on calibration data is kept; nil for nowhere.
        var analysis: AnalysisFile.Place?
    }

    /// Opens the data for a model that was read.
    ///
    /// - Throws: ``CommandFailure`` and what reading data throws.
    init(_ workshop: Workshop, _ source: Source, progress: Progress) throws {
        self.workshop = workshop
        let graph = workshop.base.graph
        let data = source.data
        let calibration = try data.calibrating(for: graph)
        let labelled = try data.labelled(for: graph)
        let fitting = try calibration.map { dataset in
            let samples = try DatasetSamples(
                dataset, for: graph, count: data.calibrationSamples,
                seed: UInt64(source.proof.inputOptions.seed))
            return Calibration(
                samples,
                file: try source.analysis.map {
                    AnalysisFile(
                        place: $0, base: try workshop.digest.value(), samples: samples)
                })
        }
        evidence = VariantMaker.Evidence(
            proofInputs: try source.proof.inputs(calibration, for: graph),
            scoring: try (labelled ?? data.compared(for: graph)).map { Scoring($0, base: graph) },
            calibration: fitting)
        if labelled != nil, evidence.scoring?.hasLabels == false {
            throw CommandFailure(
                .usage,
                "--data \(data.data.data ?? ""): has no labels; give them by --labels, or give it as --calibration"
            )
        }
        warnings =
            try fitting.map { fitting in
                progress.show("looking at \(fitting.samples.count) samples")
                return try fitting.warnings(of: graph)
            } ?? []
    }
}
