import Datasets
import ModelGraph
import OrderedJSON
import Synchronization
import VariantStore

/// Labelled or unlabelled data on which the base and its variants are scored.
final class Scoring: Sendable {
    /// What came out for one variant.
    struct Scores {
        /// nil without labels.
        var accuracy: AccuracyRecord?
        var agreement: AgreementRecord
    }

    private let data: Dataset
    private let graph: ModelGraph
    private let base = Mutex<Evaluation?>(nil)
    private let digested = Mutex<FileDigest?>(nil)

    /// - Parameter graph: the base.
    init(_ data: Dataset, base graph: ModelGraph) {
        self.data = data
        self.graph = graph
    }

    var hasLabels: Bool { data.labels != nil }

    /// Of all samples and their labels as a network sees them, computed once.
    func digest() throws -> FileDigest {
        try digested.withLock { digested in
            if let digested { return digested }
            let shape = try ModelInput.sampleShape(graph, for: data)
            let digest = try data.digest(of: Array(0..<data.count), shape: shape)
            digested = digest
            return digest
        }
    }

    /// Scores the base, once; who asks meanwhile waits.
    private func baseEvaluation() throws -> Evaluation {
        try base.withLock { base in
            if let base { return base }
            let evaluation = try Evaluator(graph, data: data).evaluate()
            base = evaluation
            return evaluation
        }
    }

    /// Scores a variant; the base is scored once.
    ///
    /// - Throws: ``CommandFailure`` for data that does not fit, `DatasetError` and `ExecutionError`.
    func score(_ variant: ModelGraph) throws -> Scores {
        let before = try baseEvaluation()
        let digest = try digest()
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
