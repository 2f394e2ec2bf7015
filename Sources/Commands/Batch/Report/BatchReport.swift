/// What came of one model as a whole.
struct ModelResult: Sendable {
    var name: String
    /// The model's file.
    var file: String
    /// What is wrong with its data, in words.
    var warnings: [String] = []
    /// Why it could not be opened; nil if it was.
    var failure: CommandFailure?
    /// Until it was open.
    var openingSeconds = 0.0
    /// With all its tasks.
    var seconds = 0.0
}

/// What came of a batch.
struct BatchReport: Sendable {
    let job: JobFile
    let shard: Shard
    let limits: BatchLimits
    let isDryRun: Bool
    /// The store's folder, for readers of the report.
    var store = ""
    /// In the order of the job, as ``results``.
    var models: [ModelResult] = []
    var results: [TaskResult] = []
    var seconds = 0.0

    init(job: JobFile, shard: Shard, limits: BatchLimits, isDryRun: Bool = false) {
        self.job = job
        self.shard = shard
        self.limits = limits
        self.isDryRun = isDryRun
    }

    /// The status that the command ends with.
    var status: ExitStatus { .worst(of: results.map(\.status)) }

    /// One sentence for each variant that fails the job, or for each model that could not be opened.
    var failures: [String] {
        models.flatMap { model -> [String] in
            let own = results.filter { $0.task.model.name == model.name }
            if let failure = model.failure {
                return ["\(model.name), \(Self.variants(own.count)): \(failure.message)"]
            }
            return own.flatMap { result -> [String] in
                guard result.status != .done else { return [] }
                if result.gates.isEmpty { return ["\(result.task.line): \(result.failure ?? "")"] }
                return result.gates.map { "\(result.task.line): \($0)" }
            }
        }
    }

    /// How many tasks had each outcome, without those that none had.
    var counts: [(word: String, count: Int)] {
        ["new", "same", "held", "planned", "refused", "infeasible", "failed"].compactMap { word in
            let count = results.count { $0.word == word }
            return count == 0 ? nil : (word, count)
        }
    }

    /// The counts in words: `2 new, 1 refused`.
    var summary: String {
        counts.isEmpty
            ? "nothing to do" : counts.map { "\($0.count) \($0.word)" }.joined(separator: ", ")
    }

    /// The job and the part of it that this is about.
    var title: String {
        let part =
            shard == .whole
            ? Self.variants(results.count)
            : "shard \(shard), \(results.count) of \(Self.variants(job.tasks.count))"
        return "\(job.name): \(part)" + (isDryRun ? ", dry run" : "")
    }

    static func variants(_ count: Int) -> String { count == 1 ? "1 variant" : "\(count) variants" }
}
