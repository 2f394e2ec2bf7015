import Dispatch
import Foundation
import Synchronization
import Workers

/// Threads that do the tasks of a model, each as soon as it is let in.
enum BatchCrew {
    /// Deep networks are walked recursively; threads of a pool have too little for that.
    private static let stackBytes = 8 << 20

    /// Does all tasks; returns when the last one has ended.
    ///
    /// - Parameters:
    ///   - admission: says what may begin when.
    ///   - body: is called once for each task, on a thread of its own; `Workers.count` says there with
    ///     how many threads it may compute.
    static func run(
        _ admission: BatchAdmission, _ body: @escaping @Sendable (BatchAdmission.Start) -> Void
    ) {
        var admission = admission
        let ended = Ended()
        while !admission.isDone {
            while let start = admission.start() {
                let thread = Thread {
                    Workers.sharing(start.threads) { body(start) }
                    ended.add(start.index)
                }
                thread.stackSize = stackBytes
                thread.start()
            }
            admission.end(ended.wait())
        }
    }

    /// Tasks that have ended and were not yet seen to.
    private final class Ended: Sendable {
        private let indexes = Mutex<[Int]>([])
        private let count = DispatchSemaphore(value: 0)

        func add(_ index: Int) {
            indexes.withLock { $0.append(index) }
            count.signal()
        }

        /// Waits until there is one.
        func wait() -> Int {
            count.wait()
            return indexes.withLock { $0.removeFirst() }
        }
    }
}
