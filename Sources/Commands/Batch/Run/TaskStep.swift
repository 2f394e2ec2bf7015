/// One task from beginning to end.
struct TaskStep: Sendable {
    let task: BatchTask
    let bench: any BatchBench
    let gates: Gates
    let isDryRun: Bool

    /// Does the task; whatever goes wrong is in the result.
    func run(threads: Int) -> TaskResult {
        do {
            let champion = try bench.champion(of: task)
            var result = TaskResult(
                task: task, outcome: try outcome(champion, threads: threads))
            result.champion = champion
            return result
        } catch {
            return TaskResult(task: task, outcome: .failed(CommandFailure(error)))
        }
    }

    private func outcome(
        _ champion: PublishedVariant?, threads: Int
    ) throws -> TaskResult.Outcome {
        if let held = try bench.held(task) {
            // What was good enough once need not be so for the gates of today.
            let failures = gates.failures(of: held.figures, champion: champion)
            guard failures.isEmpty else {
                return .refused(failures, held.figures, held: held)
            }
            if !isDryRun { try bench.retag(held, task: task) }
            return .held(held)
        }
        guard !isDryRun else { return .planned }
        let made = try bench.make(task, threads: threads) { figures in
            gates.failures(of: figures, champion: champion)
        }
        return switch made {
        case .published(let variant, let isNew): .made(variant, isNew: isNew)
        case .refused(let failures, let figures): .refused(failures, figures, held: nil)
        case .infeasible(let reason): .infeasible(reason: reason)
        }
    }
}
