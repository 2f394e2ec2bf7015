/// Opens models, and makes what a job asks for.
protocol BatchWorker: Sendable {
    /// Reads a model and all that its tasks share.
    ///
    /// - Throws: ``CommandFailure``, or what it has words for.
    func open(_ model: JobModel, log: BatchLog) throws -> any BatchBench
}

/// A model that was opened.
///
/// All but ``warnings`` and the counts of bytes are called from several threads at once.
protocol BatchBench: Sendable {
    /// What was found wrong with the model and its data so far, in words; asked for when all tasks have ended.
    var warnings: [String] { get }
    /// Bytes that it holds as long as it is open.
    var residentBytes: Int { get }

    /// Bytes that a task needs at most, beside those.
    func neededBytes(for task: BatchTask) -> Int

    /// The version that the store holds for exactly these inputs; nil for none.
    func held(_ task: BatchTask) throws -> PublishedVariant?

    /// The version that is tagged `champion` on the task's line; nil for none.
    func champion(of task: BatchTask) throws -> PublishedVariant?

    /// Makes the variant; publishes it, with the job's tags and `latest`, only if `accept` finds nothing wrong.
    ///
    /// - Parameter threads: that it may compute with; they are what `Workers.count` says, too.
    func make(
        _ task: BatchTask, threads: Int, accept: (VariantFigures) -> [GateFailure]
    ) throws -> MadeVariant

    /// Gives the job's tags and `latest` to a version that the store holds.
    func retag(_ held: PublishedVariant, task: BatchTask) throws
}
