extension BatchCommand {
    /// What makes the variants of a job and publishes them in a store.
    ///
    /// - Parameters:
    ///   - store: the store's folder; made if it is not there, unless this is a dry run.
    /// - Throws: ``CommandFailure`` for a store that cannot be opened.
    static func worker(
        for job: JobFile, store: String, isDryRun: Bool
    ) throws -> any BatchWorker {
        throw CommandFailure(.unavailable, "\(store): this build has no store to fill")
    }
}
