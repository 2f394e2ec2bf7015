import Datasets
import Foundation
import KerasFormat
import VariantStore

/// Makes a job's variants and publishes them in a store.
struct StoreWorker: BatchWorker {
    /// nil for a dry run without a store: nothing is held.
    let store: StoreDirectory?
    let options: JobOptions
    let tags: [String]
    let signers: [SigningKey]

    func open(_ model: JobModel, log: BatchLog) throws -> any BatchBench {
        let base = try model.modelOptions().read()
        let workshop = try Workshop(base, makesMany: true)
        _ = workshop.digest
        let data = try model.dataOptions()
        let labelled = try data.labelled(for: base.graph)
        if labelled != nil, labelled?.labels == nil {
            throw CommandFailure(
                .badData,
                "\(data.data.data ?? ""): has no labels; name them by the key 'labels', or give it as 'calibration'"
            )
        }
        let bench = try Bench(
            workshop,
            Bench.Data(
                calibration: try data.calibrating(for: base.graph),
                calibrationSamples: data.calibrationSamples,
                scored: try labelled ?? data.compared(for: base.graph), seed: options.seed,
                proofInputs: options.proofInputs),
            analysis: try store.map {
                AnalysisFile.Place.folder(try $0.cacheFolder("analyses"))
            })
        return StoreBench(bench, model, self, log: log)
    }
}

extension BatchCommand {
    /// What makes the variants of a job and publishes them in a store.
    ///
    /// - Parameter store: the store's folder; made if it is not there, unless this is a dry run.
    /// - Throws: ``CommandFailure`` for a store that cannot be opened and a key that cannot be read.
    static func worker(
        for job: JobFile, store: String, isDryRun: Bool
    ) throws -> any BatchWorker {
        let signers = try job.options.signKey.map { [try SigningKey(readingFrom: $0)] } ?? []
        func worker(_ store: StoreDirectory?) -> StoreWorker {
            StoreWorker(store: store, options: job.options, tags: job.tags, signers: signers)
        }
        if isDryRun {
            let isThere = FileManager.default.fileExists(atPath: store)
            return worker(isThere ? try StoreDirectory(opening: store) : nil)
        }
        return worker(try VariantPublisher.writableStore(at: store))
    }
}
