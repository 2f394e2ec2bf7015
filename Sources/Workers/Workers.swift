import Foundation
import Synchronization

/// The threads that this process may compute with.
package enum Workers {
    /// What the process was allowed; 0 for every processor.
    private static let allowed = Atomic<Int>(0)
    /// What a part of the work may use, where several go on at once.
    @TaskLocal private static var share: Int?

    /// How many threads work at once where this is asked.
    package static var count: Int {
        if let share { return share }
        let processors = max(ProcessInfo.processInfo.activeProcessorCount, 1)
        let allowed = allowed.load(ordering: .relaxed)
        return allowed > 0 ? min(allowed, processors) : processors
    }

    /// The most threads that have a state of their own, however many processors there are: states take memory.
    package static let mostStates = 16

    /// Restricts the whole process from now on; 0 takes every processor.
    package static func limit(to threads: Int) {
        allowed.store(max(threads, 0), ordering: .relaxed)
    }

    /// Runs `body`, which itself computes with at most that many threads.
    package static func sharing<Result>(
        _ threads: Int, _ body: () throws -> Result
    ) rethrows -> Result {
        try $share.withValue(max(threads, 1), operation: body)
    }
}
