import Dispatch
import Glibc
import Synchronization

/// Runs independent pieces of work on all cores.
enum ParallelWork {
    /// How many pieces run at once.
    static let width = max(1, min(16, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// Runs `body` for every index below `count`, each worker with a state of its own.
    ///
    /// Indices are handed out in order; after a failure no more are.
    ///
    /// - Throws: what the failing call with the lowest index threw.
    static func run<State>(
        count: Int, state: @Sendable () -> State,
        _ body: @Sendable (Int, inout State) throws -> Void
    ) throws {
        let next = Atomic<Int>(0)
        let failure = Mutex<(index: Int, error: any Error)?>(nil)
        let workers = min(width, count)
        guard workers > 0 else { return }
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            var state = state()
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                do {
                    try body(index, &state)
                } catch {
                    failure.withLock {
                        if $0.map({ index < $0.index }) ?? true { $0 = (index, error) }
                    }
                    next.store(count, ordering: .relaxed)
                    return
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure.error }
    }
}
