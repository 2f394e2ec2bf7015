import Contexts
import Foundation

/// A job: models to prune for profiles under settings, and what the results must keep.
struct JobFile: Sendable {
    /// The path as the caller gave it.
    let path: String
    /// For reports.
    let name: String
    /// The store's folder; nil where the job names none.
    let store: String?
    let tasks: [BatchTask]
    /// In the order of the file.
    let models: [JobModel]
    let gates: Gates
    /// Set on every version that passes, beside `latest`.
    let tags: [String]
    let options: JobOptions
    let limits: JobLimits

    /// Reads and checks a job, its profiles and the places that it names.
    ///
    /// - Throws: `DocumentError` with every issue that can be told apart.
    init(path: String) throws(DocumentError) {
        self = try JobReader.read(
            DocumentFile.bytes(of: path, JobFormat.kind), file: path)
    }

    init(
        path: String, name: String, store: String?, tasks: [BatchTask], models: [JobModel],
        gates: Gates, tags: [String], options: JobOptions, limits: JobLimits
    ) {
        self.path = path
        self.name = name
        self.store = store
        self.tasks = tasks
        self.models = models
        self.gates = gates
        self.tags = tags
        self.options = options
        self.limits = limits
    }
}

/// How all variants of a job are made.
struct JobOptions: Sendable, Equatable {
    /// What the choice of samples and random inputs depend on.
    var seed: UInt64
    /// Inputs of the proof; 0 for no proof.
    var proofInputs: Int
    /// Whether variants and bases are timed on this machine.
    var measuresLatency: Bool
    /// The file of the key that signs what is published; nil for none.
    var signKey: String?
}

/// What a job may use; nil for what the machine has.
struct JobLimits: Sendable, Equatable {
    var memoryMiB: Int?
    var threads: Int?
}
