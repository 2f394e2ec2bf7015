import NIOPosix
import Synchronization

/// Threads that run networks beside the event loops, and a queue of bounded length before them.
package final class WorkerPool: Sendable {
    /// Why a piece of work was not done.
    enum Refusal: Error, Hashable {
        /// As many wait as may.
        case full
        /// It could not end in time when its turn came.
        case late
    }

    private let threads: NIOThreadPool
    private let plan: Mutex<WorkPlan>
    private let start = ContinuousClock.now

    /// A pool whose threads run until the process ends.
    ///
    /// - Parameter mostWaiting: pieces of work that may wait for a worker.
    package init(workers: Int, mostWaiting: Int) {
        threads = NIOThreadPool(numberOfThreads: max(workers, 1))
        plan = Mutex(WorkPlan(workers: workers, mostWaiting: mostWaiting))
        threads.start()
    }

    /// Milliseconds since the pool was made.
    var nowMs: Double { start.duration(to: .now) / .milliseconds(1) }

    /// How long work that comes now would wait, in milliseconds.
    var waitMs: Double { plan.withLock { $0.waitMs(atMs: nowMs) } }

    /// Whether there is any work.
    var isBusy: Bool { plan.withLock { !$0.isEmpty } }

    /// How many pieces of work wait for a worker.
    var waitingCount: Int { plan.withLock { $0.waitingCount } }

    /// Does a piece of work on one of the threads.
    ///
    /// - Parameters:
    ///   - predictedMs: how long it is expected to run.
    ///   - deadlineMs: when it has to be done, by ``nowMs``; it is not begun if it would not be.
    /// - Returns: what it gave, and how long it waited, in milliseconds.
    /// - Throws: ``Refusal``, `CancellationError`, and what the work throws.
    func run<Output: Sendable>(
        predictedMs: Double, deadlineMs: Double, _ work: @escaping @Sendable () throws -> Output
    ) async throws -> (output: Output, waitedMs: Double) {
        let cameMs = nowMs
        guard let id = plan.withLock({ $0.admit(ms: predictedMs) }) else { throw Refusal.full }
        defer { plan.withLock { $0.end(id) } }
        return try await threads.runIfActive { [self] in
            let begunMs = nowMs
            guard begunMs + predictedMs <= deadlineMs else { throw Refusal.late }
            plan.withLock { $0.begin(id, atMs: begunMs) }
            // Here and not when the waiter wakes up, so that the worker counts as free at once.
            defer { plan.withLock { $0.end(id) } }
            return (try work(), begunMs - cameMs)
        }
    }
}
