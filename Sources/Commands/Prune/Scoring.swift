import Datasets
import ModelGraph
import OrderedJSON
import VariantStore

/// Labelled or unlabelled data on which the base and its variants are scored.
final class Scoring {
    /// What came out for one variant.
    struct Scores {
        /// nil without labels.
        var accuracy: AccuracyRecord?
        var agreement: AgreementRecord
    }

    private let data: Dataset
    private let graph: ModelGraph
    private var base: Evaluation?
    private var digest: FileDigest?

    /// - Parameter graph: the base.
    init(_ data: Dataset, base graph: ModelGraph) {
        self.data = data
        self.graph = graph
    }

    var hasLabels: Bool { data.labels != nil }

    /// Scores a variant; the base is scored once.
    ///
    /// - Throws: ``CommandFailure`` for data that does not fit, `DatasetError` and `ExecutionError`.
    func score(_ variant: ModelGraph) throws -> Scores {
        let before = try base ?? Evaluator(graph, data: data).evaluate()
        base = before
        let shape = try ModelInput.sampleShape(graph, for: data)
        let digest = try digest ?? data.digest(of: Array(0..<data.count), shape: shape)
        self.digest = digest
        let after = try Evaluator(variant, data: data).evaluate()
        let equal = zip(before.predictions, after.predictions).count { $0 == $1 }
        var scores = Scores(
            agreement: AgreementRecord(
                dataSHA256: digest.sha256, samples: after.count,
                share: Double(equal) / Double(max(after.count, 1))))
        if let old = before.accuracy, let new = after.accuracy {
            scores.accuracy = AccuracyRecord(
                metric: "top-1", dataSHA256: digest.sha256, samples: after.count, before: old,
                after: new)
        }
        return scores
    }
}

extension AccuracyRecord {
    /// For programs; the keys of the manifest.
    var json: JSON {
        [
            "metric": .string(metric), "data-sha256": .string(dataSHA256),
            "samples": .integer(samples), "before": .real(before), "after": .real(after),
        ]
    }
}

extension AgreementRecord {
    /// For programs; the keys of the manifest.
    var json: JSON {
        [
            "data-sha256": .string(dataSHA256), "samples": .integer(samples),
            "share": .real(share),
        ]
    }
}
